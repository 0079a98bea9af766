#include "probes/cpuid_cache.h"

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>

#include "probes/cpuid_amd.h"
#include "probes/cpuid_leaf2.h"

namespace torque {

namespace {

// Leaf 4 (Intel, VIA, Zhaoxin) and 0x8000001D (AMD) have the same fields: EAX[4:0] type, [7:5] level, [9]
// fully associative, [25:14]+1 ids set aside for the CPUs that share it; EBX[11:0]+1 line, [21:12]+1
// partitions, [31:22]+1 ways; ECX+1 sets; EDX[1] inclusive of the levels below.
std::optional<CpuidCache> decode(const CpuidRegs& regs) {
    CpuidCache cache;
    switch (bits(regs.eax, 4, 0)) {
        case 1:
            cache.type = CacheType::data;
            break;
        case 2:
            cache.type = CacheType::instruction;
            break;
        case 3:
            cache.type = CacheType::unified;
            break;
        default:
            return std::nullopt;
    }
    cache.level = static_cast<int>(bits(regs.eax, 7, 5));
    cache.fully_associative = bit(regs.eax, 9);
    // AMD counts CPUs here, 6 in a complex of three cores; ids come in blocks of a power of two all the same.
    cache.shift = shift_for(bits(regs.eax, 25, 14) + 1);
    const std::uint64_t line = bits(regs.ebx, 11, 0) + 1, partitions = bits(regs.ebx, 21, 12) + 1;
    const std::uint64_t ways = bits(regs.ebx, 31, 22) + 1, sets = std::uint64_t{regs.ecx} + 1;
    cache.size_bytes = line * partitions * ways * sets;
    cache.line_bytes = static_cast<int>(line);
    cache.partitions = static_cast<int>(partitions);
    cache.sets = sets;
    cache.ways = static_cast<int>(ways);
    if (cache.fully_associative && ways * sets <= 0x7fff'ffff) {
        cache.ways = static_cast<int>(ways * sets);
        cache.sets = 1;
    }
    cache.inclusive = bit(regs.edx, 1);
    return cache;
}

CpuidCaches read_subleaves(const CpuidLeaves& leaves, std::uint32_t leaf, const char* name) {
    constexpr std::uint32_t kSubleavesMax = 16;  // CPUs so far have 5 at most
    CpuidCaches found;
    int level_max = 0;
    for (std::uint32_t subleaf = 0; subleaf < kSubleavesMax; ++subleaf) {
        const auto cache = decode(leaves.get_or_zero(leaf, subleaf));
        if (!cache) break;
        if (cache->level == 0) continue;  // levels count from 1
        found.caches.push_back(*cache);
        if (cache->level >= level_max) {
            level_max = cache->level;
            found.last_level_leaf = leaf;
            found.last_level_subleaf = subleaf;
        }
    }
    if (!found.caches.empty()) found.leaf = name;
    return found;
}

// Descriptors do not say who shares: the levels that the core owns, and an L3 that the package owns.
std::vector<CpuidCache> read_descriptors(const CpuidLeaves& leaves, const CpuidTopology& topology) {
    std::vector<CpuidCache> caches;
    for (const Leaf2Cache& row : read_leaf2(leaves).caches) {
        CpuidCache cache;
        cache.level = row.level;
        cache.type = row.type;
        cache.size_bytes = static_cast<std::uint64_t>(row.size_kib) * 1024;
        cache.line_bytes = row.line_bytes;
        cache.ways = row.ways;
        cache.sets = cache.size_bytes / static_cast<std::uint64_t>(row.line_bytes * row.ways);
        cache.shift = topology.shift_of(row.level < 3 ? CpuidDomainKind::core : CpuidDomainKind::package);
        caches.push_back(cache);
    }
    return caches;
}

// The first list, and of the second the levels that the first lacks: Tolapai states its L2 in 0x80000006
// alone.
CpuidCaches combine(const char* leaf, std::vector<CpuidCache> caches, const char* other_leaf,
                    const std::vector<CpuidCache>& others) {
    CpuidCaches found;
    found.caches = std::move(caches);
    found.leaf = found.caches.empty() ? "" : leaf;
    const std::size_t own = found.caches.size();
    for (const CpuidCache& other : others) {
        const auto end = found.caches.begin() + static_cast<std::ptrdiff_t>(own);
        const bool has_level = std::any_of(
            found.caches.begin(), end, [&](const CpuidCache& cache) { return cache.level == other.level; });
        if (!has_level) found.caches.push_back(other);
    }
    if (found.caches.size() > own) found.leaf += (own == 0 ? "" : ", ") + std::string(other_leaf);
    return found;
}

CpuidCaches read_first_filled(const CpuidLeaves& leaves, const CpuidTopology& topology) {
    CpuidCaches found = read_subleaves(leaves, 4, "4");
    if (found.caches.empty() && leaves.is_amd()) found = read_subleaves(leaves, 0x8000'001d, "0x8000001D");
    if (!found.caches.empty()) return found;
    std::vector<CpuidCache> descriptors = read_descriptors(leaves, topology);
    std::vector<CpuidCache> packed = read_amd_caches(leaves, topology);
    // Intel's own is leaf 2. What others put there is for programs that know only Intel.
    if (leaves.is_intel()) return combine("2", std::move(descriptors), "0x80000006", packed);
    return combine("0x80000005", std::move(packed), "2", descriptors);
}

}  // namespace

CpuidCaches read_caches(const CpuidLeaves& leaves, const CpuidTopology& topology) {
    CpuidCaches found = read_first_filled(leaves, topology);
    std::stable_sort(found.caches.begin(), found.caches.end(), [](const CpuidCache& a, const CpuidCache& b) {
        return std::tie(a.level, a.type) < std::tie(b.level, b.type);
    });
    return found;
}

}  // namespace torque
