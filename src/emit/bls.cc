
#include "base/format.h"
#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {

// Boot Loader Specification, type 1: `options` may appear more than once, all of them count.
Result<std::string> emit_bls(const Layout& layout) {
    const auto words = boot_words(layout);
    if (!words) return tl::unexpected<Error>(words.error());
    return head(layout, "# ",
                {"Append to an entry, /boot/loader/entries/ENTRY.conf; then reboot. Kernels that are "
                 "installed",
                 "later have entries of their own: grubby and systemd-boot see to those."}) +
           formatted("options {}\n", joined_texts(*words));
}

}  // namespace torque::emit
