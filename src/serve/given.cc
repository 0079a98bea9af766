#include "serve/given.h"

#include <utility>
#include <vector>

#include "layout/layout_json.h"
#include "serve/say.h"
#include "serve/verify_layout.h"
#include "sys/text_file.h"

namespace torque::serve {
namespace {

// Says what differs; an error unless `force`.
Result<void> verify(const Layout& layout, const Dir& root, bool force) {
    const std::vector<std::string> found = differences(layout, root);
    if (found.empty()) return {};
    if (!force) {
        std::string what = "the layout was made for another machine: ";
        for (std::size_t i = 0; i < found.size(); ++i) what += (i == 0 ? "" : "; ") + found[i];
        return fail(what, {}, "plan anew with 'torque-topo plan' on this machine, or use --force");
    }
    for (const std::string& difference : found) say("warning: " + difference);
    return {};
}

}  // namespace

Result<std::string> read_layout_text(const Options& options) {
    Result<std::string> text = read_text_file(options.layout, kLayoutBytesMax);
    if (!text) text.error().hint = kMakeLayoutHint;
    return text;
}

Result<Given> read_layout(const Options& options, const Dir& root) {
    Result<std::string> text = read_layout_text(options);
    if (!text) return tl::unexpected<Error>(text.error());
    Result<Layout> layout = parse_layout(*text, options.layout == "-" ? "standard input" : options.layout);
    if (!layout) return tl::unexpected<Error>(layout.error());
    if (auto checked = check_workers(*layout, root); !checked) return tl::unexpected<Error>(checked.error());
    if (auto verified = verify(*layout, root, options.force); !verified)
        return tl::unexpected<Error>(verified.error());
    return Given{*std::move(text), *std::move(layout)};
}

}  // namespace torque::serve
