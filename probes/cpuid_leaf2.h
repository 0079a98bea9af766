// Leaf 2: one-byte descriptors of caches and TLBs, as Intel CPUs had them before leaves 4 and 0x18.
#pragma once

#include <cstdint>
#include <vector>

#include "probes/cpuid_leaves.h"
#include "torque/machine.h"

namespace torque {

struct Leaf2Cache {
    std::uint8_t descriptor;
    int level;
    CacheType type;
    int size_kib;
    int ways;
    int line_bytes;
};

enum Leaf2Pages : std::uint8_t { k4K = 1, k2M = 2, k4M = 4, k1G = 8 };

struct Leaf2Tlb {
    std::uint8_t descriptor;
    int level;  // 0: the manual does not say
    TlbType type;
    std::uint8_t pages;  // of Leaf2Pages
    int entries;
    int ways;  // 0: the manual does not say; kFull: fully associative
};
constexpr int kFull = -1;

struct Leaf2Facts {
    std::vector<Leaf2Cache> caches;
    std::vector<Leaf2Tlb> tlbs;
};

// Caches and TLBs that the descriptors name; empty where the leaf is not there or defers to leaves 4 (FFh)
// and 0x18 (FEh).
Leaf2Facts read_leaf2(const CpuidLeaves& leaves);

}  // namespace torque
