#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {

// rpm-ostree(1), kargs: --append-if-missing and --delete-if-present compare the whole parameter.
Result<std::string> emit_rpm_ostree(const Layout& layout) {
    const auto words = boot_words(layout);
    if (!words) return tl::unexpected<Error>(words.error());
    std::string text =
        head(layout, "# ",
             {"Run as root, then reboot. First take away older parameters of the same names but",
              "other values, with --delete, since a parameter must be there once.",
              "To undo: the same with --delete-if-present for --append-if-missing."});
    text += "rpm-ostree kargs";
    for (const BootWord& word : *words) text += " \\\n    --append-if-missing=" + word.text;
    return text + '\n';
}

}  // namespace torque::emit
