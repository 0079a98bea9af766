#include "tune/install_loaders.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/format.h"
#include "base/parse.h"
#include "loader/grub_config.h"
#include "loader/grub_defaults.h"
#include "loader/grub_env.h"
#include "tune/boot_files.h"
#include "tune/parameters.h"

namespace torque::tune {
namespace {

using loader::IsDropped;

constexpr std::string_view kBlockBegin = "### torque-topo: an entry to be tried, booted once\n";
constexpr std::string_view kBlockEnd = "### torque-topo: end of the entry\n";

std::string text_of(const Files& files, const std::string& path) {
    return files.read(path).bytes;
}

std::string saved_entry(const Files& files, const std::string& folder) {
    const std::string block = text_of(files, folder + "/grubenv");
    const std::string before = loader::grub_variable(block, "prev_saved_entry").value_or("");
    return before.empty() ? loader::grub_variable(block, "saved_entry").value_or("") : before;
}

// The file without the entry of an earlier trial.
std::string without_block(const std::string& text) {
    const std::size_t begin = text.find(kBlockBegin), end = text.find(kBlockEnd);
    if (begin == text.npos || end == text.npos || end < begin) return text;
    return text.substr(0, begin) + text.substr(end + kBlockEnd.size());
}

// A parameter that the files of grub-mkconfig give already would be on the line twice.
Result<void> refuse_given(const InstallSubject& subject) {
    const IsDropped is_replaced = replaced_by(subject.line);
    std::vector<std::string> paths{"/etc/default/grub"};
    for (const std::string& name : subject.root.list("etc/default/grub.d")) {
        const std::string path = "/etc/default/grub.d/" + name;
        if (name.ends_with(".cfg") && path != kGrubDropIn) paths.push_back(path);
    }
    for (const std::string& path : paths) {
        const auto given = loader::find_given(text_of(subject.files, path), is_replaced);
        if (!given) continue;
        return fail(
            formatted("{} is given here already, and the layout's line has its own", printable(given->word)),
            formatted("{}: line {}", path, given->line), "take it out there, then install again");
    }
    return {};
}

// Debian and Ubuntu read the folder; GRUB as it comes from its makers does not.
Result<std::string> find_generator(const InstallSubject& subject) {
    const std::string program = grub_program(subject.commands, "mkconfig");
    if (program.empty()) {
        return fail("there is no grub-mkconfig or grub2-mkconfig to make the menu with", {},
                    "install GRUB's programs, or put the line of torque-topo emit boot in by hand");
    }
    const std::string script = text_of(subject.files, program);
    if (script.find("/default/grub.d/") != script.npos) return program;
    return fail(formatted("this machine's {} does not read /etc/default/grub.d",
                          program.substr(program.rfind('/') + 1)),
                program,
                formatted("add the line of 'torque-topo emit boot' to GRUB_CMDLINE_LINUX_DEFAULT in "
                          "/etc/default/grub; then {} -o {}/grub.cfg",
                          program, grub_folder(subject.files)));
}

Result<InstallPlan> propose_trial(const InstallSubject& subject, const std::string& folder,
                                  const std::string& config) {
    const std::string path = folder + "/grub.cfg";
    if (!loader::reads_custom(config)) {
        return fail("the menu does not read custom.cfg, where the entry to try would be", path,
                    "make /etc/grub.d/41_custom executable; then update-grub");
    }
    auto entry = loader::default_entry(config, saved_entry(subject.files, folder));
    if (!entry) {
        entry.error().where = path;
        return tl::unexpected<Error>(entry.error());
    }
    InstallPlan plan;
    plan.title = entry->title;
    auto custom = plan_for(subject.files, folder + "/custom.cfg", "a second entry, with the layout's line");
    if (!custom) return tl::unexpected<Error>(custom.error());
    const std::string line = loader::with_words(entry->line, replaced_by(subject.line), subject.line);
    std::string text = without_block(custom->before.value_or(""));
    if (!text.empty() && text.back() != '\n') text += '\n';
    custom->after = text + std::string(kBlockBegin) +
                    loader::entry_text(*entry, kTrialTitle, kTrialId, line) + std::string(kBlockEnd);
    auto once = plan_once(subject, kTrialId);
    if (!once) return tl::unexpected<Error>(once.error());
    plan.files = {std::move(*custom), std::move(*once)};
    return plan;
}

}  // namespace

IsDropped replaced_by(std::string_view line) {
    std::vector<std::string> names;
    for (const loader::LineWord& word : loader::line_words(line)) names.push_back(word.name);
    return [names](std::string_view name) {
        return is_isolation(name) || std::find(names.begin(), names.end(), name) != names.end();
    };
}

bool has_line(std::string_view boot_line, std::string_view line) {
    const IsDropped is_replaced = replaced_by(line);
    std::vector<std::string_view> found, wanted;
    for (const loader::LineWord& word : loader::line_words(boot_line)) {
        if (is_replaced(word.name)) found.push_back(word.text);
    }
    for (const loader::LineWord& word : loader::line_words(line)) wanted.push_back(word.text);
    return found == wanted;
}

Result<FilePlan> plan_for(const Files& files, std::string path, std::string why) {
    const Content now = files.read(path);
    if (now.error != 0 && now.error != ENOENT)
        return fail(std::string("cannot read: ") + std::strerror(now.error), path,
                    now.error == EACCES || now.error == EPERM ? "root may" : "");
    FilePlan plan{std::move(path), {}, {}, std::move(why)};
    if (now.error == 0) plan.before = now.bytes;
    return plan;
}

std::string grub_folder(const Files& files) {
    for (const char* folder : {"/boot/grub", "/boot/grub2"}) {
        if (files.read(std::string(folder) + "/grub.cfg").error != ENOENT) return folder;
    }
    return {};
}

std::string grub_program(const Commands& commands, std::string_view name) {
    for (const char* folder : {"/usr/sbin", "/usr/bin", "/sbin", "/bin"}) {
        for (const char* grub : {"grub", "grub2"}) {
            std::string path = formatted("{}/{}-{}", folder, grub, name);
            if (commands.has(path)) return path;
        }
    }
    return {};
}

Result<FilePlan> plan_once(const InstallSubject& subject, std::string_view entry) {
    const std::string folder = grub_folder(subject.files), config = folder + "/grub.cfg";
    if (!loader::boots_once(text_of(subject.files, config))) {
        return fail("the menu does not boot an entry once: it does not look at next_entry", config,
                    "GRUB_DEFAULT=saved in /etc/default/grub, then update-grub, makes one that does");
    }
    // GRUB writes neither through LVM and RAID nor into these (util/grub.d/00_header.in): the entry to be
    // booted once would be booted for ever.
    constexpr std::string_view kUnwritable = " btrfs cpiofs newc odc romfs squash4 tarfs zfs diskfilter lvm ";
    const std::string probe = grub_program(subject.commands, "probe");
    if (probe.empty())
        return fail("there is no grub-probe to tell whether GRUB can write its environment block");
    for (const char* target : {"--target=fs", "--target=abstraction"}) {
        const auto said = subject.commands.run({probe, target, folder});
        if (!said) return tl::unexpected<Error>(said.error());
        if (said->status != 0) {
            return fail("grub-probe cannot tell where the environment block is: " +
                            printable(trim_space(said->err), 200),
                        folder, "as root it may");
        }
        for (std::string_view rest = trim_space(said->out); !rest.empty();) {
            const std::string_view word = trim_space(take_line(rest));
            if (kUnwritable.find(formatted(" {} ", word)) == kUnwritable.npos) continue;
            return fail(formatted("GRUB cannot write its environment block on {}, so it would boot the trial "
                                  "every time",
                                  word),
                        folder + "/grubenv", "install without --trial, or choose the line in GRUB's menu");
        }
    }
    auto plan = plan_for(subject.files, folder + "/grubenv", "GRUB boots that entry once");
    if (!plan) return plan;
    auto block = loader::with_grub_variable(plan->before.value_or(""), "next_entry", std::string(entry));
    if (!block) {
        block.error().where = plan->path;
        return tl::unexpected<Error>(block.error());
    }
    plan->after = std::move(*block);
    return plan;
}

Result<InstallPlan> propose_grub(const InstallSubject& subject) {
    const std::string folder = grub_folder(subject.files);
    if (folder.empty())
        return fail("there is no menu of GRUB: /boot/grub/grub.cfg", {}, "choose another --to");
    const std::string path = folder + "/grub.cfg";
    const Content config = subject.files.read(path);
    if (config.error != 0)
        return fail(std::string("cannot read: ") + std::strerror(config.error), path, "root may");
    if (loader::takes_bls_entries(config.bytes))
        return fail("this menu takes its entries from /boot/loader/entries", path, "install --to bls");
    // For a trial too: commit will have to do it.
    const auto generator = find_generator(subject);
    if (!generator) return tl::unexpected<Error>(generator.error());
    if (auto fine = refuse_given(subject); !fine) return tl::unexpected<Error>(fine.error());
    if (subject.is_trial) return propose_trial(subject, folder, config.bytes);
    InstallPlan plan;
    auto drop_in = plan_for(subject.files, std::string(kGrubDropIn), "the line for every kernel's entry");
    if (!drop_in) return tl::unexpected<Error>(drop_in.error());
    drop_in->after = subject.grub_drop_in;
    plan.files.push_back(std::move(*drop_in));
    plan.generator = {*generator};
    plan.generated = path;
    return plan;
}

Result<void> verify_menu(const std::string& config, const InstallSubject& subject) {
    const std::string folder = grub_folder(subject.files);
    const auto entry = loader::default_entry(config, saved_entry(subject.files, folder));
    if (!entry) return tl::unexpected<Error>(entry.error());
    if (has_line(entry->line, subject.line)) return {};
    return fail(formatted("the menu that grub-mkconfig makes boots \"{}\"", printable(entry->line, 400)), {},
                "a file of /etc/default/grub.d behind 90-torque.cfg, or one of /etc/grub.d, changes it");
}

}  // namespace torque::tune
