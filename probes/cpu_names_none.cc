// Where libcpuid is not: the names of an x86 processor, read on another, stay unknown.
#include "probes/cpu_names.h"

namespace torque {

CpuNames read_cpu_names(const CpuidSource&) {
    return {};
}

std::optional<std::string> cpu_names_source() {
    return std::nullopt;
}

}  // namespace torque
