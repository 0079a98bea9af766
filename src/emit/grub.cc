
#include "base/format.h"
#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {

// Files of /etc/default/grub.d are sourced by sh, in order, after /etc/default/grub. The _DEFAULT variable
// leaves the recovery entries alone (grub's util/grub.d/10_linux.in). A parameter given twice is refused by
// the kernel or counts only once: the drop-in then adds nothing and says so, since to fail would break the
// next kernel upgrade.
Result<std::string> emit_grub(const Layout& layout) {
    const auto words = boot_words(layout);
    if (!words) return tl::unexpected<Error>(words.error());
    std::string given;
    for (const BootWord& word : *words) {
        given += formatted("{}*' {}='* | *' {} '*", given.empty() ? "" : " | \\\n    ", word.name, word.name);
    }
    std::string text =
        head(layout, "# ",
             {"Goes to /etc/default/grub.d/90-torque.cfg; then run update-grub and reboot.",
              "Recovery entries stay as they are. To undo: remove the file, run update-grub."});
    text += "case \" $GRUB_CMDLINE_LINUX $GRUB_CMDLINE_LINUX_DEFAULT \" in\n";
    text += formatted("    {})\n", given);
    text += formatted("        echo '90-torque.cfg: added nothing: one of {} is given already' >&2\n",
                      joined_names(*words, ", "));
    text += "        ;;\n    *)\n";
    text += formatted("        GRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT {}\"\n",
                      joined_texts(*words));
    return text + "        ;;\nesac\n";
}

}  // namespace torque::emit
