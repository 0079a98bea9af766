
#include "base/format.h"
#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {

// bootc's documentation, "Kernel arguments": TOML, kargs is a list of strings.
Result<std::string> emit_bootc(const Layout& layout) {
    const auto words = boot_words(layout);
    if (!words) return tl::unexpected<Error>(words.error());
    return head(layout, "# ",
                {"Goes into an image, as /usr/lib/bootc/kargs.d/20-torque.toml. Every machine that boots the "
                 "image",
                 "gets these CPU numbers: only for machines like the one that was planned for.",
                 "On one machine: bootc loader-entries set-options-for-source --source torque --options "
                 "\"...\""}) +
           formatted("kargs = [\"{}\"]\n", joined_texts(*words, "\", \""));
}

}  // namespace torque::emit
