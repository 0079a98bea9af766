// Mends a boot line: the faults that lint() finds, one pass for each kind.
#pragma once

#include <string>
#include <string_view>

#include "torque/cpu_set.h"
#include "tune/kernel_effect.h"

namespace torque::tune {

// The CPUs that a faulty list probably means: reversed ranges are turned, CPUs that the target does not have
// are left out, and so is what cannot be read. Empty when nothing is left.
CpuSet guess_list(std::string_view text, int cpus_max);

// The line with as few changes as will do: words without a fault stay as they are written. Where the line
// says two things the mended one says both if it can, otherwise what the kernel would have done. Isolation
// gets the irqaffinity= that belongs to it.
std::string mend(std::string_view line, const KernelTarget& target);

}  // namespace torque::tune
