// PCI functions that a plan may want to be near to, as /sys/bus/pci/devices tells them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sys/dir.h"
#include "torque/cpu_set.h"

namespace torque {

struct PciFunction {
    std::string address;       // "0000:65:00.0"; domains may have more than four digits
    std::uint32_t class_code;  // 0xCCSSPP: base class, sub-class, programming interface
    std::uint16_t vendor_id = 0, device_id = 0;
    std::optional<int> node;  // absent where the kernel says -1
    CpuSet local_cpus;
    std::vector<int> irqs;  // MSI and MSI-X vectors, ascending
};

// Network (02), NVMe (0108), display (03), processing accelerator (12) and co-processor (0B40) functions, in
// the order of their addresses. Classes: PCI Code and ID Assignment Specification 1.16, section 1.
std::vector<PciFunction> read_pci(const Dir& root);

// "network", "nvme", "gpu", "accelerator" or "infiniband"; null for a class that is not of interest.
const char* pci_kind(std::uint32_t class_code);

}  // namespace torque
