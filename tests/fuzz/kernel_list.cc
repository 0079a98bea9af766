// Lists of the boot line, after a byte that says how many CPUs there are: a superset of the lists of sysfs.
#include "plan/kernel_list.h"

#include <algorithm>

#include "claim.h"

using torque::CpuSet;
using namespace torque::planning;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const int cpus_max = 1 << data[0] % 14;
    const std::string_view text = fuzz::text_of(data + 1, size - 1);
    const KernelListReading reading = read_kernel_list(text, cpus_max);
    fuzz::claim(reading.fault_at <= text.size(), "the fault is in the text");
    fuzz::claim(reading.cpus.last() < cpus_max, "no CPU beyond the last");
    const auto whole = parse_kernel_list(text, cpus_max);
    fuzz::claim(whole.has_value() == !reading.fault, "all of it is taken where there is no fault");
    if (whole) {
        const std::string written = kernel_list(*whole);
        fuzz::claim(parse_kernel_list(written, cpus_max) == *whole, "a list is read as it was written");
        fuzz::claim(written.size() <= std::max(whole->list().size(), std::size_t{1}), "strides only shorten");
    }
    const auto plain = CpuSet::parse_list(text);
    const bool is_null = text.find('(') != text.npos;   // what sysfs prints where there is no list
    const bool is_line = text.find('\n') == text.npos;  // the kernel reads one
    if (plain && !is_null && is_line && plain->last() < cpus_max) {
        fuzz::claim(whole && *whole == *plain, "the kernel reads what it prints");
    }
    return 0;
}
