
#include "base/format.h"
#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {

// grubby(8): --remove-args takes away a parameter by its name, with whatever value.
Result<std::string> emit_grubby(const Layout& layout) {
    const auto words = boot_words(layout);
    if (!words) return tl::unexpected<Error>(words.error());
    return head(layout, "# ",
                {"Run as root, then reboot. Changes all boot entries; kernels that are installed later take "
                 "theirs",
                 "from /etc/kernel/cmdline where that file exists: see systemd-boot.",
                 "To undo: the same command without --args."}) +
           formatted("grubby --update-kernel=ALL --remove-args=\"{}\" --args=\"{}\"\n", joined_names(*words),
                     joined_texts(*words));
}

}  // namespace torque::emit
