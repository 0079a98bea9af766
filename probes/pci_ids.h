// Names of PCI vendors and devices from the list that pciutils and hwdata install (pci.ids).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "sys/dir.h"

namespace torque {

using PciId = std::pair<std::uint16_t, std::uint16_t>;  // vendor, device

struct PciNames {
    std::optional<std::string> vendor, device;
};

// The names of `ids`, as usr/share/misc/pci.ids or usr/share/hwdata/pci.ids below `root` has them: a
// snapshot's devices are named by the snapshot's list or not at all, so that the answer does not depend on
// where it is asked. The list is ordered by number and searched by halving, a few KiB at a time: it has 1.4
// MB.
std::map<PciId, PciNames> read_pci_names(const Dir& root, const std::set<PciId>& ids);

}  // namespace torque
