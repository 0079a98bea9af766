// Tables of latencies between CPUs, and the groups that are found in them.
#include <algorithm>
#include <string>

#include "claim.h"
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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
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
