// Adds what NVIDIA's library tells of the GPUs of a machine.
#pragma once

#include "libraries/nvml.h"
#include "torque/machine.h"

namespace torque {

// Of the GPUs that its driver runs: their names and memory, and where the kernel does not tell, their CPUs
// and node. The machine has to be this one.
void ask_nvml(Machine& machine, const char* library = kNvmlLibrary);

}  // namespace torque
