// Layouts: what is accepted is written back to the same layout.
#include "layout/layout_json.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto layout = torque::parse_layout({reinterpret_cast<const char*>(data), size}, "fuzz");
    if (layout && torque::parse_layout(torque::layout_json(*layout), "fuzz") != *layout) std::abort();
    return 0;
}
