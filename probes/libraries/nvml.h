// What NVIDIA's management library (NVML) tells of GPUs, where it is installed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "torque/cpu_set.h"

namespace torque {

constexpr const char* kNvmlLibrary = "libnvidia-ml.so.1";

struct NvmlGpu {
    std::string pci_address;
    std::optional<std::string> name;            // "NVIDIA H200"
    std::optional<std::uint64_t> memory_bytes;  // of its own
    CpuSet cpus;                                // near to it; empty: not told
    std::vector<int> nodes;                     // NUMA nodes near to it, ascending
};

// One entry for each of the PCI `addresses` that NVML knows, in their order; none when the library is not
// there, is too old or cannot reach the driver. Starts the driver of a GPU that nobody uses, which takes a
// second and more, unless it stays in memory (nvidia-persistenced). Document: NVML API Reference Guide,
// "Device Queries".
std::vector<NvmlGpu> read_nvml(const std::vector<std::string>& addresses, const char* library = kNvmlLibrary);

}  // namespace torque
