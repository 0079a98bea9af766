// PCI functions that a plan may want to be near to, as /sys/bus/pci/devices tells them.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sys/dir.h"
#include "torque/cpu_set.h"

namespace torque {

struct PciFunction {
    std::string address;       // "0000:65:00.0"; domains may have more than four digits
    std::uint32_t class_code;  // 0xCCSSPP: base class, sub-class, programming interface
    std::uint16_t vendor_id = 0, device_id = 0;
    std::optional<std::string> driver;
    std::optional<int> node;  // absent where the kernel says -1
    CpuSet local_cpus;
    std::vector<int> irqs;  // MSI and MSI-X vectors, ascending
};

// Network (02), NVMe (0108), display (03), co-processor (0B40), InfiniBand (0C06) and processing accelerator
// (12) functions below `sys`, the tree's sys/, and those at the `wanted` addresses whatever they are, in the
// order of their addresses. Classes: PCI Code and ID Assignment Specification 1.16, section 1. Of other
// functions only `uevent` is read.
std::vector<PciFunction> read_pci(const Dir& sys, const std::set<std::string>& wanted);

// "network", "nvme", "gpu", "accelerator" or "infiniband"; null for a class that is not of interest.
const char* pci_kind(std::uint32_t class_code);

// The last part of a path in sysfs that looks like a PCI address, "DDDD:BB:DD.F": the function nearest to
// what the path leads to. Empty when there is none.
std::string pci_address_in(std::string_view path);

}  // namespace torque
