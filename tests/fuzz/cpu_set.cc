// CPU lists and masks: what is accepted is written back to the same set.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "torque/cpu_set.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto set = torque::CpuSet::parse_list(text)) {
        if (torque::CpuSet::parse_list(set->list()) != *set) std::abort();
        if (torque::CpuSet::parse_mask(set->mask()) != *set) std::abort();
    }
    if (const auto set = torque::CpuSet::parse_mask(text)) {
        if (torque::CpuSet::parse_list(set->list()) != *set) std::abort();
    }
    return 0;
}
