#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {

// No comment: the line goes where no comment can be.
Result<std::string> emit_boot(const Layout& layout) {
    const auto words = boot_words(layout);
    if (!words) return tl::unexpected<Error>(words.error());
    return joined_texts(*words) + '\n';
}

}  // namespace torque::emit
