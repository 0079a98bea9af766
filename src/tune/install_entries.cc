// Boot loaders whose entries are files: GRUB with blscfg (Fedora, RHEL), and systemd-boot.
#include <fnmatch.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>

#include "base/format.h"
#include "base/parse.h"
#include "loader/bls_entry.h"
#include "loader/efi_text.h"
#include "loader/grub_config.h"
#include "loader/grub_env.h"
#include "tune/boot_files.h"
#include "tune/install_loaders.h"

namespace torque::tune {
namespace {

using loader::BlsEntry;
using loader::EntryOrder;

// systemd, boot loader interface: LoaderFeatures.
constexpr std::uint64_t kFeatureOneShot = 1 << 3;

// The first of the order, unless something else is chosen. Errors: what is chosen is none of them.
using Choose = std::function<Result<BlsEntry>(std::vector<BlsEntry> entries)>;

std::string entries_folder(const std::string& folder) {
    return folder + "/loader/entries";
}

Result<std::vector<BlsEntry>> read_entries(const InstallSubject& subject,
                                           const std::vector<std::string>& folders) {
    std::vector<BlsEntry> entries;
    for (const std::string& folder : folders) {
        for (const std::string& name : subject.root.list(entries_folder(folder).substr(1))) {
            const std::string path = entries_folder(folder) + '/' + name;
            if (!is_boot_file(path)) continue;
            const Content content = subject.files.read(path);
            if (content.error != 0)
                return fail(std::string("cannot read: ") + std::strerror(content.error), path, "root may");
            entries.push_back({name, path, content.bytes});
        }
    }
    return entries;
}

// The entry that is booted when nobody chooses, as it is without a trial.
Result<BlsEntry> choose_first(std::vector<BlsEntry> entries, EntryOrder order, const std::string& folder) {
    if (entries.empty()) return fail("there is no entry", entries_folder(folder));
    loader::sort_entries(entries, order);
    return entries.front();
}

Result<void> refuse_other_kinds(const BlsEntry& entry) {
    if (loader::bls_field(entry.text, "linux")) return {};
    return fail("the default entry loads no Linux kernel of its own", entry.path,
                "choose one with a line \"linux\" to be the default");
}

// To the kernel a double quote that does not end holds all that follows, and "--" ends its part.
Result<void> refuse_without(const std::string& options, const std::string& path,
                            const InstallSubject& subject) {
    if (has_line(options, subject.line)) return {};
    return fail(
        "the kernel would not see what is added: the boot line has a double quote that does not end, "
        "or \"--\" before its last line of options",
        path, "mend it first");
}

Result<std::string> with_line(const BlsEntry& entry, const InstallSubject& subject) {
    std::string text = loader::with_bls_options(entry.text, replaced_by(subject.line), subject.line);
    const auto closed = refuse_without(loader::bls_options(text), entry.path, subject);
    if (!closed) return tl::unexpected<Error>(closed.error());
    return text;
}

std::string title_of(const BlsEntry& entry) {
    return loader::bls_field(entry.text, "title").value_or(entry.file);
}

// The entry itself, and the line that kernels will get that are installed later, where the machine has one.
Result<InstallPlan> plan_for_good(const BlsEntry& entry, const InstallSubject& subject) {
    InstallPlan plan;
    plan.title = title_of(entry);
    auto changed = with_line(entry, subject);
    if (!changed) return tl::unexpected<Error>(changed.error());
    plan.files.push_back({entry.path, entry.text, *std::move(changed), "the entry booted by default"});
    auto later = plan_for(subject.files, "/etc/kernel/cmdline", "kernels installed later");
    if (!later) return tl::unexpected<Error>(later.error());
    if (!later->before) return plan;
    const std::string_view old = trim_space(*later->before);
    const std::string line = loader::with_words(old, replaced_by(subject.line), subject.line);
    const auto closed = refuse_without(line, "/etc/kernel/cmdline", subject);
    if (!closed) return tl::unexpected<Error>(closed.error());
    later->after = line + '\n';
    plan.files.push_back(std::move(*later));
    return plan;
}

// A copy of the entry under a name that is not booted by itself. Gives the name.
Result<std::string> add_copy(InstallPlan& plan, const BlsEntry& entry, const std::vector<BlsEntry>& all,
                             const InstallSubject& subject, const Choose& choose) {
    const std::string folder = entry.path.substr(0, entry.path.rfind('/') + 1);
    const auto changed = with_line(entry, subject);
    if (!changed) return tl::unexpected<Error>(changed.error());
    for (const char* prefix : {"", "a-", "A-"}) {
        const std::string id = prefix + std::string(kTrialId), path = formatted("{}{}.conf", folder, id);
        BlsEntry copy{id + ".conf", path,
                      loader::bls_trial(*changed, formatted("{} ({})", plan.title, kTrialTitle))};
        std::vector<BlsEntry> with_copy = all;
        std::erase_if(with_copy, [&](const BlsEntry& one) { return one.path == path; });
        with_copy.push_back(copy);
        const auto chosen = choose(with_copy);
        if (!chosen || chosen->path != entry.path) continue;
        auto file = plan_for(subject.files, path, "a second entry, with the layout's line");
        if (!file) return tl::unexpected<Error>(file.error());
        file->after = std::move(copy.text);
        plan.files.push_back(std::move(*file));
        return id;
    }
    return fail("a second entry would be booted by default, as the last of the menu's order", folder,
                "choose the default by name first");
}

// How a boot loader is told to boot an entry once, by its name.
using Once = Result<FilePlan>(const InstallSubject& subject, std::string_view id);

Result<InstallPlan> plan_for_trial(const BlsEntry& entry, const std::vector<BlsEntry>& all,
                                   const InstallSubject& subject, const Choose& choose, Once& plan_once) {
    InstallPlan plan;
    plan.title = title_of(entry);
    const auto id = add_copy(plan, entry, all, subject, choose);
    if (!id) return tl::unexpected<Error>(id.error());
    auto once = plan_once(subject, *id);
    if (!once) return tl::unexpected<Error>(once.error());
    plan.files.push_back(std::move(*once));
    return plan;
}

// What EFI variable the boot loader has left; absent: none.
std::optional<std::string> loader_text(const Files& files, std::string_view name) {
    const Content content = files.read(formatted("{}{}{}", kEfiVariables, name, loader::kLoaderGuid));
    return content.error == 0 ? loader::read_efi_text(content.bytes) : std::nullopt;
}

bool has_unified_kernels(const InstallSubject& subject, const std::vector<std::string>& folders) {
    return std::any_of(folders.begin(), folders.end(), [&](const std::string& folder) {
        const auto names = subject.root.list(folder.substr(1) + "/EFI/Linux");
        return std::any_of(names.begin(), names.end(),
                           [](const std::string& name) { return name.ends_with(".efi"); });
    });
}

// What loader.conf or the variable chooses: a pattern of names; empty: nothing.
std::string chosen_pattern(const InstallSubject& subject, const std::vector<std::string>& folders) {
    std::string pattern = loader_text(subject.files, "LoaderEntryDefault").value_or("");
    for (const std::string& folder : folders) {
        if (!pattern.empty()) break;
        const Content content = subject.files.read(folder + "/loader/loader.conf");
        pattern = loader::bls_field(content.bytes, "default").value_or("");
    }
    if (pattern == "@saved") return loader_text(subject.files, "LoaderEntryLastBooted").value_or("");
    return pattern;
}

bool matches(const std::string& pattern, const BlsEntry& entry) {
    const std::string id = loader::bls_id(entry.file);
    return ::fnmatch(pattern.c_str(), (id + ".conf").c_str(), FNM_CASEFOLD) == 0 ||
           ::fnmatch(pattern.c_str(), id.c_str(), FNM_CASEFOLD) == 0;
}

Result<BlsEntry> choose_as_systemd_boot(std::vector<BlsEntry> entries, const std::string& pattern,
                                        const std::string& folder) {
    if (pattern.empty()) return choose_first(std::move(entries), EntryOrder::specification, folder);
    std::erase_if(entries, [&](const BlsEntry& entry) { return !matches(pattern, entry); });
    if (!entries.empty()) return choose_first(std::move(entries), EntryOrder::specification, folder);
    return fail(formatted("the default \"{}\" is none of the entries", printable(pattern)),
                entries_folder(folder), "bootctl set-default names one of them");
}

// The variable by which systemd-boot boots an entry once.
Result<FilePlan> plan_one_shot(const InstallSubject& subject, std::string_view id) {
    const Content features =
        subject.files.read(formatted("{}LoaderFeatures{}", kEfiVariables, loader::kLoaderGuid));
    const auto bits = loader::read_efi_number(features.bytes);
    if (features.error != 0 || !bits || (*bits & kFeatureOneShot) == 0) {
        return fail("the boot loader does not tell that it boots an entry once",
                    formatted("{}LoaderFeatures{}", kEfiVariables, loader::kLoaderGuid),
                    "was the machine booted by systemd-boot 240 or newer, and is efivarfs mounted?");
    }
    auto plan =
        plan_for(subject.files, formatted("{}LoaderEntryOneShot{}", kEfiVariables, loader::kLoaderGuid),
                 "systemd-boot boots that entry once, as bootctl set-oneshot has it");
    if (plan) plan->after = loader::efi_text(formatted("{}.conf", id));
    return plan;
}

// GRUB puts its own variables into an entry's options.
Result<void> refuse_variables(const BlsEntry& entry, const InstallSubject& subject,
                              const std::string& environment) {
    const std::string block = subject.files.read(environment).bytes;
    const std::string options = loader::bls_options(entry.text);  // which the words are views of
    for (const loader::LineWord& word : loader::line_words(options)) {
        if (word.text.size() < 2 || word.text.front() != '$') continue;
        const std::string name(word.text.substr(1));
        const std::string value = loader::grub_variable(block, name).value_or("");
        const loader::IsDropped is_replaced = replaced_by(subject.line);
        for (const loader::LineWord& given : loader::line_words(value)) {
            if (!is_replaced(given.name)) continue;
            return fail(formatted("{} is given by ${} here already, and the layout's line has its own",
                                  printable(given.text), printable(name)),
                        environment, formatted("grub2-editenv - set {}=..., without it", printable(name)));
        }
    }
    return {};
}

}  // namespace

Result<InstallPlan> propose_bls(const InstallSubject& subject) {
    const std::string grub = grub_folder(subject.files);
    const auto entries = read_entries(subject, {"/boot"});
    if (!entries) return tl::unexpected<Error>(entries.error());
    if (grub.empty() || !loader::takes_bls_entries(subject.files.read(grub + "/grub.cfg").bytes)) {
        return fail("GRUB's menu does not take entries from /boot/loader/entries: it has no blscfg",
                    grub.empty() ? "/boot/grub2/grub.cfg" : grub + "/grub.cfg", "install --to grub");
    }
    const std::string block = subject.files.read(grub + "/grubenv").bytes;
    const std::string saved = loader::grub_variable(block, "saved_entry").value_or("");
    const Choose choose = [&](std::vector<BlsEntry> all) -> Result<BlsEntry> {
        for (const BlsEntry& one : all) {
            if (!saved.empty() && one.file == saved + ".conf") return one;
        }
        return choose_first(std::move(all), EntryOrder::names, "/boot");
    };
    const auto entry = choose(*entries);
    if (!entry) return tl::unexpected<Error>(entry.error());
    if (auto fine = refuse_other_kinds(*entry); !fine) return tl::unexpected<Error>(fine.error());
    if (auto fine = refuse_variables(*entry, subject, grub + "/grubenv"); !fine)
        return tl::unexpected<Error>(fine.error());
    return subject.is_trial ? plan_for_trial(*entry, *entries, subject, choose, plan_once)
                            : plan_for_good(*entry, subject);
}

Result<InstallPlan> propose_systemd_boot(const InstallSubject& subject) {
    const std::vector<std::string> folders{"/boot", "/efi", "/boot/efi"};
    const auto entries = read_entries(subject, folders);
    if (!entries) return tl::unexpected<Error>(entries.error());
    const std::string pattern = chosen_pattern(subject, folders);
    if (has_unified_kernels(subject, folders) && (entries->empty() || pattern.empty())) {
        return fail(
            "this machine boots unified kernel images, which have their boot line inside", "EFI/Linux",
            "put the line of 'torque-topo emit boot' into /etc/kernel/cmdline; then kernel-install add "
            "\"$(uname -r)\" \"/boot/vmlinuz-$(uname -r)\"");
    }
    const Choose choose = [&](std::vector<BlsEntry> all) {
        return choose_as_systemd_boot(std::move(all), pattern, "/boot");
    };
    const auto entry = choose(*entries);
    if (!entry) return tl::unexpected<Error>(entry.error());
    if (auto fine = refuse_other_kinds(*entry); !fine) return tl::unexpected<Error>(fine.error());
    return subject.is_trial ? plan_for_trial(*entry, *entries, subject, choose, plan_one_shot)
                            : plan_for_good(*entry, subject);
}

}  // namespace torque::tune
