// CPU lists and masks: what is accepted is written back to the same set.
#include "torque/cpu_set.h"

#include "claim.h"

using torque::CpuSet;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    if (const auto set = CpuSet::parse_list(text)) {
        fuzz::claim(CpuSet::parse_list(set->list()) == *set, "a list is read as it was written");
        fuzz::claim(CpuSet::parse_mask(set->mask()) == *set, "a mask is read as it was written");
        int count = 0, before = -1;
        for (const int cpu : *set) {
            fuzz::claim(cpu > before && set->contains(cpu), "CPUs come in order and are members");
            before = cpu;
            ++count;
        }
        fuzz::claim(count == set->count() && before == set->last(), "as many as there are, to the last");
    }
    if (const auto set = CpuSet::parse_mask(text)) {
        fuzz::claim(CpuSet::parse_list(set->list()) == *set, "a list is read as it was written");
    }
    return 0;
}
