// What a machine declares of the caches and TLBs that serve the loads of one CPU.
#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <vector>

#include "torque/machine.h"

namespace torque {

struct DeclaredSize {
    int level = 0;
    std::string type;      // "data", "unified" or "load"
    std::size_t size = 0;  // bytes of a cache, pages of a TLB; above 0
    auto operator<=>(const DeclaredSize&) const = default;
};

// Caches that hold data, smallest first.
std::vector<DeclaredSize> declared_caches(const Machine& machine, int cpu);

// TLBs that loads go through, for pages of `page_bytes` if that is 4096, smallest first. Of one level the
// largest, where loads and stores have one each.
std::vector<DeclaredSize> declared_tlbs(const Machine& machine, int cpu, std::size_t page_bytes);

}  // namespace torque
