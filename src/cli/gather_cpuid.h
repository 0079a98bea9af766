// CPUID of every CPU as the files that hwloc-gather-cpuid writes.
#pragma once

#include "sys/cpuid_source.h"
#include "sys/memory_dir.h"

namespace torque {

// Adds pu0, pu1 and so on to the folder, and hwloc-cpuid-info; nothing where no CPU can be asked. The
// processor's serial number (leaf 3) is not asked for.
void gather_cpuid(CpuidSource& source, MemoryNode& folder);

}  // namespace torque
