
#include "base/format.h"
#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {

// kernelstub --help: -a adds options, -d deletes them; both want them whole, with their values.
Result<std::string> emit_kernelstub(const Layout& layout) {
    const auto words = boot_words(layout);
    if (!words) return tl::unexpected<Error>(words.error());
    return head(layout, "# ",
                {"Run as root, then reboot. First delete older parameters of the same names with -d.",
                 "To undo: the same with -d for -a."}) +
           formatted("kernelstub -a \"{}\"\n", joined_texts(*words));
}

}  // namespace torque::emit
