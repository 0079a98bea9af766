// Measures the memory of this machine's nodes, and holds what was found against what firmware declares.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cli/options.h"
#include "measure/memory_cells.h"
#include "measure/ranks.h"
#include "torque/cpu_set.h"
#include "torque/machine.h"
#include "torque/result.h"

namespace torque {

// What firmware says of a cell.
struct DeclaredCell {
    std::optional<int> distance;                                     // SLIT
    std::optional<std::uint64_t> read_latency_ns, read_bytes_per_s;  // HMAT
};

struct LiveMemory {
    CpuSet cpus;
    measure::MemoryCells found;          // by CPU node, then memory node
    std::vector<DeclaredCell> declared;  // one for each cell
    // Of the latencies from one CPU node to all memory nodes, summed over the CPU nodes.
    measure::RankAgreement by_distance, by_hmat;
    int memoryless = 0, cpuless = 0;  // nodes
    std::string fingerprint;
};

// Errors: CPUs that are not allowed, and those of measure::measure_memory_cells().
Result<LiveMemory> measure_memory_here(const MeasureOptions& options);

}  // namespace torque
