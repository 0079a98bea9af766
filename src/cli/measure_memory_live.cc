#include "cli/measure_memory_live.h"

#include <algorithm>
#include <chrono>

#include "base/declared_memory.h"
#include "base/format.h"
#include "cli/measure_here.h"
#include "sys/host.h"
#include "torque/discover.h"

namespace torque {
namespace {

using measure::CpuNode;
using measure::MemoryCell;
using measure::MemorySource;

constexpr int kReadersMax = 64;  // CPUs of a node that read at once: more than any memory needs
constexpr std::size_t kBytesMax = std::size_t{4} << 30;

// The first of each core.
CpuSet one_of_each_core(const Machine& machine, const CpuSet& cpus) {
    CpuSet chosen, seen;
    for (const int cpu : cpus) {
        if (seen.contains(cpu) || chosen.count() == kReadersMax) continue;
        chosen.add(cpu);
        for (const Core& core : machine.cores) {
            if (core.cpus.contains(cpu)) seen |= core.cpus;
        }
    }
    return chosen;
}

std::size_t caches_of(const Machine& machine, const CpuSet& cpus) {
    std::size_t sum = 0;
    for (const Cache& cache : machine.caches) {
        if (cache.type != CacheType::instruction && cache.cpus.intersects(cpus))
            sum += cache.size_bytes.value_or(0);
    }
    return sum;
}

std::vector<CpuNode> cpu_nodes(const Machine& machine, const CpuSet& cpus) {
    std::vector<CpuNode> nodes;
    const auto add = [&](std::optional<NodeId> id, const CpuSet& own) {
        const CpuSet chosen = one_of_each_core(machine, own & cpus);
        if (!chosen.empty()) nodes.push_back({id, chosen, caches_of(machine, chosen)});
    };
    for (const Node& node : machine.nodes) add(node.id, node.cpus);
    if (machine.nodes.empty()) add(std::nullopt, cpus);
    return nodes;
}

std::vector<MemorySource> memory_nodes(const Machine& machine, const CpuSet& cpus) {
    if (machine.nodes.empty()) return {MemorySource{std::nullopt, cpus}};
    std::vector<MemorySource> nodes;
    for (const Node& node : machine.nodes) {
        if (node.memory_bytes != std::uint64_t{0}) nodes.push_back({node.id, node.cpus & cpus});
    }
    return nodes;
}

DeclaredCell declared_of(const Machine& machine, const MemoryCell& cell) {
    if (!cell.from || !cell.to) return {};
    DeclaredCell declared{declared_distance(machine, *cell.from, *cell.to), {}, {}};
    if (const MemoryAttributes* row = declared_attributes(machine, *cell.from, *cell.to)) {
        declared.read_latency_ns = row->read_latency_ns;
        declared.read_bytes_per_s = row->read_bytes_per_s;
    }
    return declared;
}

void add(measure::RankAgreement& sum, const measure::RankAgreement& more) {
    sum.agreeing += more.agreeing;
    sum.contradicting += more.contradicting;
    sum.undecided += more.undecided;
    sum.unsaid += more.unsaid;
}

// Distances of different CPU nodes are not of one scale, so each node's are ranked by themselves.
void rank_nodes(LiveMemory& live, const std::vector<CpuNode>& from) {
    for (const CpuNode& node : from) {
        std::vector<Ranked> by_distance, by_hmat;
        for (std::size_t i = 0; i < live.found.cells.size(); ++i) {
            const MemoryCell& cell = live.found.cells[i];
            if (cell.from != node.id || cell.latency_ns.samples == 0) continue;
            const DeclaredCell& declared = live.declared[i];
            const double ns = cell.latency_ns.median, spread = cell.latency_ns.spread;
            if (declared.distance)
                by_distance.push_back({static_cast<double>(*declared.distance), ns, spread});
            if (declared.read_latency_ns)
                by_hmat.push_back({static_cast<double>(*declared.read_latency_ns), ns, spread});
        }
        add(live.by_distance, measure::rank_agreement(by_distance));
        add(live.by_hmat, measure::rank_agreement(by_hmat));
    }
}

}  // namespace

Result<LiveMemory> measure_memory_here(const MeasureOptions& options) {
    const Result<Machine> machine = discover();
    if (!machine) return tl::unexpected<Error>(machine.error());
    const auto cpus = cpus_to_measure(options, *machine, 1);
    if (!cpus) return tl::unexpected<Error>(cpus.error());
    const Host host = live_host();
    const std::vector<CpuNode> from = cpu_nodes(*machine, *cpus);
    LiveMemory live;
    live.fingerprint = machine->fingerprint;
    for (const CpuNode& node : from) live.cpus |= node.cpus;
    for (const Node& node : machine->nodes) {
        live.memoryless += node.memory_bytes == std::uint64_t{0} ? 1 : 0;
        live.cpuless += node.cpus.empty() ? 1 : 0;
    }
    ProgressLine line;
    auto found = measure::measure_memory_cells(
        *host.root, from, memory_nodes(*machine, *cpus), {line_bytes_of(*machine, cpus->first()), kBytesMax},
        std::chrono::milliseconds(options.budget_ms), [&](double done, int all) {
            line.show(done / all, formatted("{} of {} pairs of nodes", static_cast<int>(done), all));
        });
    if (!found) return tl::unexpected<Error>(found.error());
    live.found = std::move(*found);
    std::stable_sort(live.found.cells.begin(), live.found.cells.end(),
                     [](const MemoryCell& a, const MemoryCell& b) { return a.from < b.from; });
    for (const MemoryCell& cell : live.found.cells) live.declared.push_back(declared_of(*machine, cell));
    rank_nodes(live, from);
    return live;
}

}  // namespace torque
