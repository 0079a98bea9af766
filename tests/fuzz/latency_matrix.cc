// Tables of latencies between CPUs, and the groups that are found in them; results of measurements.
#include <algorithm>
#include <string>

#include "claim.h"
#include "layout/measured_json.h"
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

// Of jitter, or of cores and smt, which are used beside each other.
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
