// Tables of latencies between CPUs, and the groups that are found in them; results of measurements.
#include <algorithm>
#include <string>

#include "claim.h"
#include "layout/measured_json.h"
#include "machine/findings_measured.h"
#include "measure/levels.h"
#include "measure/matrix.h"

using torque::CpuSet;
using namespace torque::measure;

namespace {

void check_level(const Level& level, const CpuSet& cpus) {
    CpuSet seen;
    int members = 0;
    for (const CpuSet& group : level.groups) {
        fuzz::claim(!group.empty(), "no group is empty");
        members += group.count();
        seen |= group;
    }
    fuzz::claim(seen == cpus && members == cpus.count(), "every CPU is in one group");
    fuzz::claim(level.groups.size() > 1 && level.groups.size() < static_cast<std::size_t>(cpus.count()),
                "a level is neither all in one nor all apart");
    fuzz::claim(level.misfits >= 0 && level.misfits <= 1, "misfits are a share");
}

// Four CPUs with a cache and a TLB, and three nodes, as the seeds have them.
torque::Machine small_machine() {
    using namespace torque;
    Machine machine;
    for (int id = 0; id < 4; ++id) {
        Cpu cpu;
        cpu.id = CpuId{id};
        machine.cpus.push_back(cpu);
    }
    Cache cache;
    cache.level = 2;
    cache.size_bytes = 1 << 20;
    cache.cpus = CpuSet::range(0, 3);
    machine.caches.push_back(cache);
    Tlb tlb;
    tlb.level = 1;
    tlb.page_sizes = {"4K"};
    tlb.entries = 64;
    tlb.cpus = CpuSet::range(0, 3);
    machine.tlbs.push_back(tlb);
    Distances distances;
    for (int id = 0; id < 3; ++id) {
        Node node;
        node.id = NodeId{id};
        machine.nodes.push_back(node);
        distances.nodes.push_back(node.id);
        distances.matrix.push_back({10 + id, 30, 20});
    }
    machine.distances = distances;
    return machine;
}

void check_findings(const torque::Measured& measured) {
    torque::Machine machine = small_machine();
    find_measured_differences(measured, machine);
    for (const torque::Finding& finding : machine.findings) {
        fuzz::claim(finding.id.starts_with("measured-") && !finding.hint.empty() && !finding.sources.empty(),
                    "findings say what, what mends, and where from");
        fuzz::claim(finding.message.size() < 4096, "findings are short");
    }
}

void check_sizes(const torque::Measured& measured) {
    if (measured.cache) {
        for (const torque::MeasuredCachesOfCpu& cpu : measured.cache->measured) {
            fuzz::claim(measured.cache->cpus.contains(cpu.cpu), "caches were measured");
            for (const auto& knees : {cpu.caches, cpu.tlbs}) {
                double last = 0;
                for (const torque::MeasuredKnee& knee : knees) {
                    fuzz::claim(knee.at > last, "knees ascend");
                    last = knee.at;
                }
            }
        }
    }
    if (measured.memory) {
        for (const torque::MeasuredCell& cell : measured.memory->cells) {
            fuzz::claim(cell.latency_ns.value_or(0) >= 0 && cell.spread_ns >= 0,
                        "latencies are within limits");
            fuzz::claim(cell.pages_elsewhere <= cell.pages, "pages elsewhere are some of the pages");
        }
    }
}

// Of jitter, or of those that are held against a machine.
void check_results(std::string_view text) {
    if (const auto jitter = torque::parse_measured_jitter(text, "fuzz")) {
        int last = -1;
        for (const torque::MeasuredJitterOfCpu& cpu : jitter->cpus) {
            fuzz::claim(cpu.cpu > last, "CPUs ascend");
            fuzz::claim(cpu.stolen_share >= 0 && cpu.stolen_share <= 1 && cpu.gaps_per_s >= 0,
                        "jitter is within limits");
            last = cpu.cpu;
        }
    } else {
        fuzz::claim(!jitter.error().where.empty() && !jitter.error().hint.empty(),
                    "errors say where, and what mends");
    }
    torque::Measured measured;
    if (!torque::add_measured(text, "fuzz", measured)) return;
    if (measured.cores) {
        for (const torque::MeasuredLevel& level : measured.cores->levels) {
            for (const CpuSet& group : level.groups)
                fuzz::claim(!group.empty() && measured.cores->cpus.contains(group), "groups were measured");
        }
    }
    if (measured.smt) {
        for (const torque::MeasuredPair& pair : measured.smt->pairs)
            fuzz::claim(pair.a < pair.b && measured.smt->cpus.contains(CpuSet{pair.a, pair.b}),
                        "pairs were measured");
    }
    check_sizes(measured);
    check_findings(measured);
    fuzz::claim(!torque::add_measured(text, "fuzz", measured), "one result of a kind is enough");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    if (text.starts_with('{')) {
        check_results(text);
        return 0;
    }
    const auto matrix = parse_latency_matrix(text, "fuzz");
    if (!matrix) {
        fuzz::claim(!matrix.error().where.empty() && !matrix.error().hint.empty(),
                    "errors say where, and what mends");
        return 0;
    }
    fuzz::claim(matrix->count >= 2 && matrix->count <= LatencyMatrix::kRowsMax, "the size is within limits");
    for (const double ns : matrix->ns) {
        fuzz::claim(ns >= 0 && ns <= LatencyMatrix::kNsMax, "latencies are within limits");
    }
    const CpuSet cpus = CpuSet::range(0, matrix->count - 1);
    const Structure structure = find_levels(*matrix, cpus);
    std::size_t groups = static_cast<std::size_t>(matrix->count);
    for (const Level& level : structure.levels) {
        check_level(level, cpus);
        fuzz::claim(level.groups.size() < groups, "each level is coarser than the one before");
        groups = level.groups.size();
    }
    return 0;
}
