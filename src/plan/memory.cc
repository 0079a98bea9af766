#include "plan/memory.h"

#include <algorithm>
#include <climits>
#include <string_view>
#include <tuple>

#include "base/declared_memory.h"

namespace torque::planning {
namespace {

constexpr int kBufferBytes = 2048;
constexpr int kBuffersMin = 256;
constexpr int kBuffersMax = 32768;
constexpr std::uint64_t kPageBytes = 4096;

bool has_memory(const Node& node) {
    return !node.memory_bytes || *node.memory_bytes > 0;
}

// Is the memory of `node` best reached from `own`?
bool is_best_from(const Machine& machine, const Node& node, NodeId own) {
    return std::any_of(machine.memory_attributes.begin(), machine.memory_attributes.end(),
                       [&](const MemoryAttributes& one) {
                           return one.node == node.id && one.access_class == 0 &&
                                  std::count(one.initiators.begin(), one.initiators.end(), own) > 0;
                       });
}

// Memory that something else is there for, or that is slow.
bool is_special(const Node& node) {
    return node.memory_kind && *node.memory_kind != MemoryKind::dram;
}

bool has_pages(const Tlb& tlb, std::string_view size) {
    return std::find(tlb.page_sizes.begin(), tlb.page_sizes.end(), size) != tlb.page_sizes.end();
}

}  // namespace

std::vector<NodeId> memory_nodes(const Machine& machine, std::optional<NodeId> own) {
    if (!own) return {};
    const Node* best = nullptr;
    using Key = std::tuple<bool, int, NodeId>;
    Key best_key;
    for (const Node& node : machine.nodes) {
        if (!has_memory(node)) continue;
        if (node.id == *own) return {*own};
        const bool is_best = is_best_from(machine, node, *own);
        if (node.cpus.empty() && (!is_best || is_special(node))) continue;
        const Key key{!is_best, declared_distance(machine, *own, node.id).value_or(INT_MAX), node.id};
        if (best == nullptr || key < best_key) {
            best = &node;
            best_key = key;
        }
    }
    if (best == nullptr) return {};
    return {best->id};
}

BufferSpaces::BufferSpaces(const Machine& machine, const std::vector<CpuSet>& cores) {
    int cpus_max = 0;
    for (const CpuSet& core : cores) cpus_max = std::max(cpus_max, core.last() + 1);
    share_of_cpu_.assign(static_cast<std::size_t>(cpus_max), -1);
    reach_of_cpu_.resize(static_cast<std::size_t>(cpus_max));
    add_caches(machine, cores);
    add_tlbs(machine);
}

void BufferSpaces::add_caches(const Machine& machine, const std::vector<CpuSet>& cores) {
    const int cpus_max = static_cast<int>(share_of_cpu_.size());
    for (const Cache& cache : machine.caches) {
        if (cache.level != 2 || cache.type == CacheType::instruction || !cache.size_bytes) continue;
        for (int cpu : cache.cpus) {
            if (cpu < cpus_max)
                share_of_cpu_[static_cast<std::size_t>(cpu)] = static_cast<int>(shares_.size());
        }
        shares_.push_back({*cache.size_bytes, 0});
    }
    for (const CpuSet& core : cores) {
        const int cache = share_of_cpu_[static_cast<std::size_t>(core.first())];
        if (cache >= 0) ++shares_[static_cast<std::size_t>(cache)].cores;
    }
}

void BufferSpaces::add_tlbs(const Machine& machine) {
    for (const Tlb& tlb : machine.tlbs) {
        if (tlb.type == TlbType::instruction || tlb.type == TlbType::store || !tlb.entries) continue;
        const bool has_4k = has_pages(tlb, "4K");
        const bool has_2m = has_pages(tlb, "2M");
        const std::uint64_t bytes = static_cast<std::uint64_t>(std::max(0, *tlb.entries)) * kPageBytes;
        for (int cpu : tlb.cpus) {
            if (static_cast<std::size_t>(cpu) >= reach_of_cpu_.size()) break;
            Reach& reach = reach_of_cpu_[static_cast<std::size_t>(cpu)];
            reach.has_huge_entries = reach.has_huge_entries || (has_2m && *tlb.entries > 0);
            if (!has_4k || tlb.level < reach.level) continue;
            // Several of one level hold entries side by side.
            reach.bytes = tlb.level == reach.level ? reach.bytes.value_or(0) + bytes : bytes;
            reach.level = tlb.level;
        }
    }
}

BufferSpace BufferSpaces::of(int cpu, int core_workers) const {
    BufferSpace out;
    if (cpu < 0 || static_cast<std::size_t>(cpu) >= share_of_cpu_.size()) return out;
    const auto sharers = static_cast<std::uint64_t>(std::max(1, core_workers));
    const Reach& reach = reach_of_cpu_[static_cast<std::size_t>(cpu)];
    out.has_huge_entries = reach.has_huge_entries;
    if (reach.bytes) out.tlb_bytes = *reach.bytes / sharers;
    const int cache = share_of_cpu_[static_cast<std::size_t>(cpu)];
    if (cache < 0) return out;
    const Share& share = shares_[static_cast<std::size_t>(cache)];
    out.l2_bytes = share.size_bytes / static_cast<std::uint64_t>(std::max(1, share.cores)) / sharers;
    return out;
}

BufferChoice receive_buffers(const BufferSpace& space) {
    BufferChoice out;
    out.space = space;
    out.buffers = {kBuffersMin, kBufferBytes};
    const std::uint64_t in_cache = space.l2_bytes.value_or(0) / 2;
    const std::uint64_t in_tlb = space.tlb_bytes.value_or(UINT64_MAX) / 2;
    const std::uint64_t room = space.has_huge_entries ? in_cache : std::min(in_cache, in_tlb);
    while (out.buffers.count < kBuffersMax && out.bytes() * 2 <= room) out.buffers.count *= 2;
    out.huge_pages_pay = space.has_huge_entries && out.bytes() > in_tlb;
    return out;
}

}  // namespace torque::planning
