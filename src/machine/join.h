// join(): completes what the kernel says with what CPUID says.
#pragma once

#include "torque/machine.h"

namespace torque {

// The kernel's tree wins: it knows which CPUs are online and what firmware and quirks make of CPUID. CPUID
// adds what the kernel does not show: APIC ids, TLBs, inclusiveness, sets and ways that sysfs leaves out, the
// identity of each core type; and it stands in for what sysfs lacks altogether (caches in many virtual
// machines, core types on kernels that do not name them). Of CPUID's own findings those stay that are not
// about the tree.
Machine join(Machine kernel, const Machine& cpuid);

}  // namespace torque
