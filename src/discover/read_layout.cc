#include "layout/layout_json.h"
#include "sys/text_file.h"
#include "torque/discover.h"

namespace torque {

Result<Layout> read_layout(const std::string& path) {
    Result<std::string> text = read_text_file(path, kLayoutBytesMax);
    if (!text) {
        text.error().hint = kMakeLayoutHint;
        return tl::unexpected<Error>(text.error());
    }
    return parse_layout(*text, path == "-" ? "standard input" : path);
}

}  // namespace torque
