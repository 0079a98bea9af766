#include "tune/boot_files.h"

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "loader/grub_env.h"

namespace torque::tune {
namespace {

using Kind = JournalStep::Kind;

constexpr std::string_view kOnce = "next_entry";

// GRUB manual, "Simple configuration handling"; Boot Loader Specification; kernel-install(8); systemd's boot
// loader interface.
struct BootFile {
    std::string_view begin, end;  // with nothing between them, or one name
};
constexpr BootFile kBootFiles[] = {
    {"/etc/default/grub.d/", "90-torque.cfg"},
    {"/boot/grub/", "grub.cfg"},
    {"/boot/grub/", "custom.cfg"},
    {"/boot/grub/", "grubenv"},
    {"/boot/grub2/", "grub.cfg"},
    {"/boot/grub2/", "custom.cfg"},
    {"/boot/grub2/", "grubenv"},
    {"/boot/loader/entries/", ".conf"},
    {"/efi/loader/entries/", ".conf"},
    {"/boot/efi/loader/entries/", ".conf"},
    {"/etc/kernel/", "cmdline"},
    {"/var/lib/torque/", "trial.json"},
    {"/sys/firmware/efi/efivars/", "LoaderEntryOneShot-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"},
};

bool is_environment(const JournalStep& step) {
    return step.kind == Kind::replace && step.path.ends_with("/grubenv");
}

// Without the entry that is booted once; the block itself where it is none.
std::string without_once(std::string_view block) {
    return loader::with_grub_variable(block, kOnce, std::nullopt).value_or(std::string(block));
}

}  // namespace

bool is_boot_file(std::string_view path) {
    const bool is_plain = std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c <= '~'; });
    return is_plain && std::any_of(std::begin(kBootFiles), std::end(kBootFiles), [=](const BootFile& one) {
               if (!path.starts_with(one.begin)) return false;
               const std::string_view name = path.substr(one.begin.size());
               if (!one.end.starts_with('.')) return name == one.end;
               return name.ends_with(one.end) && name.size() > one.end.size() && name.front() != '.' &&
                      name.find('/') == name.npos;
           });
}

bool boot_file_is_back(const JournalStep& step, const Content& now) {
    if (step.kind == Kind::make) return now.error == ENOENT;
    return now.error == 0 && now.bytes == step.before;
}

bool boot_file_is_as_left(const JournalStep& step, const Content& now) {
    if (step.kind == Kind::remove) return now.error == ENOENT;
    if (now.error != 0) return false;
    return now.bytes == step.after ||
           (is_environment(step) && loader::grub_variable(now.bytes, kOnce).value_or("").empty());
}

std::optional<std::string> boot_file_undo(const JournalStep& step, const Content& now) {
    if (step.kind == Kind::make) return std::nullopt;
    // What GRUB and others have put into the block since stays there.
    const bool has_others =
        is_environment(step) && now.error == 0 && without_once(now.bytes) != without_once(step.before);
    if (!has_others) return step.before;
    return loader::with_grub_variable(now.bytes, kOnce, loader::grub_variable(step.before, kOnce))
        .value_or(step.before);
}

}  // namespace torque::tune
