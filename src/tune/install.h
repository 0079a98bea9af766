// install: a layout's boot line put where the machine's boot loader reads it, for good or for one boot.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sys/commands.h"
#include "sys/dir.h"
#include "sys/files.h"
#include "sys/journal_file.h"
#include "torque/layout.h"
#include "torque/result.h"
#include "tune/change.h"

namespace torque::tune {

enum class Loader {
    grub,          // with entries of its own in grub.cfg
    bls,           // GRUB with entries in /boot/loader/entries
    systemd_boot,  // the same files, on the EFI system partition or XBOOTLDR
};

std::string_view loader_word(Loader loader);  // as --to takes it: "systemd-boot"

// Those that have left their files on the machine, with the file that tells.
struct FoundLoader {
    Loader loader = Loader::grub;
    std::string file;
};
std::vector<FoundLoader> find_loaders(const Files& files, const Dir& root);

struct InstallSubject {
    const Layout& layout;
    std::string line;          // of the layout, of characters that mean nothing to any boot loader
    std::string grub_drop_in;  // the file for /etc/default/grub.d, as emit writes it
    std::string layout_text;   // the document; kept until commit where this is a trial
    const Files& files;
    const Dir& root;  // of the same machine, for lists of files
    Commands& commands;
    bool is_trial = false;
};

struct FilePlan {
    std::string path;
    std::optional<std::string> before, after;  // absent: there is no such file
    std::string why;
};

struct InstallPlan {
    Loader loader = Loader::grub;
    std::vector<FilePlan> files;         // in the order in which they are written
    std::vector<std::string> generator;  // the command that then makes grub.cfg anew; empty: none
    std::string generated;               // grub.cfg
    std::string title;                   // of the entry that is changed, or copied
};

// What is to be done. Writes nothing; runs grub-probe where a trial with GRUB is asked for. Errors name the
// file, and the line where one is in the way: parameters of the layout's line that are given elsewhere, no
// default entry, a menu that does not boot an entry once, an environment block that GRUB cannot write.
Result<InstallPlan> propose_install(const InstallSubject& subject, Loader loader);

// What install() would do.
ChangeRows preview_install(const InstallPlan& plan);

// Does it, each step in the journal first. What was done is undone where a step or the generator fails, or
// the menu that it makes does not boot the line; the error says why. `what` is for the journal.
Result<ChangeRows> install(const InstallPlan& plan, const InstallSubject& subject, OpenJournal& journal,
                           Files& files, const std::string& what, const std::string& boot_id);

// GRUB's menu as its programs make it now: where it was made anew since install wrote it, as by an update of
// the kernel, there is no going back to the old one. Errors: there is no such program, or it fails.
Result<void> remake_menu(const std::string& path, Files& files, Commands& commands);

// The trial that a journal tells of and that is not undone.
struct Trial {
    Loader loader = Loader::grub;
    std::size_t begin = 0;  // of the journal's
};
std::optional<Trial> find_trial(const Journal& journal);
std::string trial_words(Loader loader);  // of the journal's begin

// Why the running kernel was not booted with the layout's line, a sentence; empty: it was.
std::string not_booted_with(std::string_view line, std::string_view cmdline);

// The same as propose_install() for good, and the trial taken away again.
Result<InstallPlan> propose_commit(const InstallSubject& subject, const Journal& journal, const Trial& trial);

}  // namespace torque::tune
