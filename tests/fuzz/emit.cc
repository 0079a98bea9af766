// Layouts in the words of other programs: nothing of their texts gets out, for some of what is written is
// run.
#include <algorithm>

#include "claim.h"
#include "emit/formats.h"
#include "layout/layout_json.h"

namespace {

constexpr const char* kMark = "`mark`";

// Every text but the boot parameters says something that a shell would run.
torque::Layout marked(torque::Layout layout) {
    layout.machine.model = layout.machine.fingerprint = layout.profile = layout.request.near.emplace(kMark);
    for (torque::BootArg& arg : layout.boot.args) arg.why = arg.price = arg.needs = kMark;
    for (torque::RuntimeKnob& knob : layout.runtime) knob.path = knob.value = knob.why = kMark;
    for (torque::Decision& decision : layout.decisions) decision.rule = decision.why = kMark;
    for (auto* texts : {&layout.leftovers, &layout.warnings}) std::fill(texts->begin(), texts->end(), kMark);
    return layout;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto read = torque::parse_layout(fuzz::text_of(data, size), "fuzz");
    if (!read) return 0;
    const torque::Layout layout = marked(*read);
    for (const torque::emit::Format& format : torque::emit::formats()) {
        const auto text = torque::emit::write_format(format, layout);
        if (!text) continue;
        fuzz::claim(text->find(kMark) == text->npos, "no text of the layout gets out");
        fuzz::claim(text->ends_with('\n'), "the last line ends");
        const auto is_plain = [](char c) { return c == '\n' || c == '\t' || (c >= ' ' && c <= '~'); };
        fuzz::claim(std::all_of(text->begin(), text->end(), is_plain), "printable");
    }
    return 0;
}
