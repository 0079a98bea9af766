#include "base/declared_sizes.h"

#include <algorithm>

namespace torque {
namespace {

constexpr const char* kTlbTypes[] = {"data", "instruction", "unified", "load", "store"};

void sort_by_size(std::vector<DeclaredSize>& sizes) {
    std::sort(sizes.begin(), sizes.end(),
              [](const DeclaredSize& a, const DeclaredSize& b) { return a.size < b.size; });
}

}  // namespace

std::vector<DeclaredSize> declared_caches(const Machine& machine, int cpu) {
    std::vector<DeclaredSize> sizes;
    for (const Cache& cache : machine.caches) {
        const bool has_data = cache.type != CacheType::instruction && cache.size_bytes.value_or(0) > 0;
        if (!has_data || !cache.cpus.contains(cpu)) continue;
        sizes.push_back({cache.level, cache.type == CacheType::data ? "data" : "unified",
                         static_cast<std::size_t>(*cache.size_bytes)});
    }
    sort_by_size(sizes);
    return sizes;
}

std::vector<DeclaredSize> declared_tlbs(const Machine& machine, int cpu, std::size_t page_bytes) {
    std::vector<DeclaredSize> sizes;
    for (const Tlb& tlb : machine.tlbs) {
        const bool is_for_loads = tlb.type != TlbType::instruction && tlb.type != TlbType::store;
        const bool is_small =
            std::count(tlb.page_sizes.begin(), tlb.page_sizes.end(), page_bytes == 4096 ? "4K" : "?") > 0;
        if (!is_for_loads || !is_small || !tlb.cpus.contains(cpu) || tlb.entries.value_or(0) <= 0) continue;
        const DeclaredSize size{tlb.level, kTlbTypes[static_cast<std::size_t>(tlb.type)],
                                static_cast<std::size_t>(*tlb.entries)};
        const auto same = std::find_if(sizes.begin(), sizes.end(),
                                       [&](const DeclaredSize& other) { return other.level == size.level; });
        if (same == sizes.end()) {
            sizes.push_back(size);
        } else if (same->size < size.size) {
            *same = size;
        }
    }
    sort_by_size(sizes);
    return sizes;
}

}  // namespace torque
