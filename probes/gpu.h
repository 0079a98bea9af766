// What sysfs and the NVIDIA driver's /proc folder tell of GPUs beyond their place on the PCI bus.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "probes/pci.h"
#include "sys/dir.h"

namespace torque {

struct Gpu {
    std::string pci_address;
    std::string name;                           // "card0" (DRM); empty without a driver that has one
    std::optional<std::string> model;           // as the NVIDIA driver names it
    std::optional<std::uint64_t> memory_bytes;  // of its own (amdgpu)
};

// One entry for each function of kind "gpu" or "accelerator" of which anything is known, in their order.
// Documents: Documentation/gpu/amdgpu/driver-misc.rst; the NVIDIA driver's README, "Supported /proc files".
std::vector<Gpu> read_gpus(const Dir& root, const std::vector<PciFunction>& functions);

// The NUMA nodes that are some GPU's memory (NVIDIA on POWER9 and Grace).
std::vector<int> gpu_memory_nodes(const Dir& root);

}  // namespace torque
