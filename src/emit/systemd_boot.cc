
#include "base/format.h"
#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {
namespace {

// For sed -E; a full stop is the only character of a name that means something there.
std::string alternatives(const std::vector<BootWord>& words) {
    std::string out;
    for (const char c : joined_names(words, "|")) {
        if (c == '.') out += '\\';
        out += c;
    }
    return out;
}

}  // namespace

// kernel-install(8) reads /etc/kernel/cmdline, one line; where it is missing, the running kernel's.
Result<std::string> emit_systemd_boot(const Layout& layout) {
    const auto words = boot_words(layout);
    if (!words) return tl::unexpected<Error>(words.error());
    std::string text = "#!/bin/sh\n";
    text += head(
        layout, "# ",
        {"usage: sh FILE [CMDLINE]",
         "Puts the parameters into CMDLINE, /etc/kernel/cmdline unless given, in place of older ones of",
         "the same names, and prints the new line. The first time it starts from the running kernel's.",
         "Then, as root: kernel-install add \"$(uname -r)\" \"/boot/vmlinuz-$(uname -r)\", and reboot."});
    text += "set -eu\nfile=${1-/etc/kernel/cmdline}\n";
    text += "if [ -s \"$file\" ]; then from=$file; else from=/proc/cmdline; fi\n";
    text += "line=$(tr -s ' \\t\\n' ' ' <\"$from\" | sed -E -e 's/^ ?(.*[^ ]) ?$/ \\1 /' \\\n";
    text += "    -e ':more' -e 's/ (BOOT_IMAGE|initrd)=[^ ]* / /' -e 't more' \\\n";
    text += formatted("    -e ':old' -e 's/ ({})(=[^ ]*)? / /' -e 't old' \\\n", alternatives(*words));
    text += "    -e 's/^ //' -e 's/ $//')\n";
    text += formatted("printf '%s\\n' \"${{line:+$line }}{}\" >\"$file.torque\"\n", joined_texts(*words));
    return text + "mv \"$file.torque\" \"$file\"\ncat \"$file\"\n";
}

}  // namespace torque::emit
