// What pages the kernel really gave for a piece of memory.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "sys/dir.h"

namespace torque::measure {

struct Backing {
    std::uint64_t resident_bytes = 0;
    std::uint64_t huge_bytes = 0;  // of these, in transparent or reserved huge pages

    double huge_share() const {
        return resident_bytes == 0 ? 0
                                   : static_cast<double>(huge_bytes) / static_cast<double>(resident_bytes);
    }
};

// Of the mapping of this process that begins at `address`: /proc/self/smaps, proc_pid_smaps(5). Absent where
// the kernel does not tell. `root` holds proc/.
std::optional<Backing> read_backing(const Dir& root, std::uint64_t address);

// Base pages of that mapping by NUMA node: /proc/self/numa_maps, proc_pid_numa_maps(5). Absent likewise.
std::optional<std::map<int, std::uint64_t>> read_numa_maps(const Dir& root, std::uint64_t address);

}  // namespace torque::measure
