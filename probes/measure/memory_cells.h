// Measures how far the memory of each NUMA node is from the CPUs of each, and how much of it they can read.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "measure/disturbance.h"
#include "measure/summary.h"
#include "sys/dir.h"
#include "torque/cpu_set.h"
#include "torque/ids.h"
#include "torque/result.h"

namespace torque::measure {

struct CpuNode {
    std::optional<NodeId> id;     // absent: the kernel knows no nodes, and this is the machine
    CpuSet cpus;                  // one for each core is enough; not empty
    std::size_t cache_bytes = 0;  // of all caches that these CPUs can keep the memory in
};

struct MemorySource {
    std::optional<NodeId> id;
    CpuSet cpus;  // to touch the memory where it cannot be bound; may be empty
};

// Where the pages are that were measured.
struct PagePlacement {
    std::uint64_t pages = 0;      // base pages
    std::uint64_t elsewhere = 0;  // of them, on other nodes or on none
    std::string by;               // "move_pages" or "numa_maps"; empty: nobody tells
};

struct MemoryCell {
    std::optional<NodeId> from, to;  // CPUs of a node, memory of a node
    int cpu = 0;                     // that loads, alone, for the latency
    CpuSet cpus;                     // that read, all at once
    std::size_t bytes = 0;           // of memory; 0: not measured
    std::size_t cache_bytes = 0;     // of the caches of these CPUs
    std::optional<double> huge_share;
    Summary latency_ns;        // of a load from memory
    Summary read_bytes_per_s;  // of all CPUs together
    PagePlacement placement;
    std::string reason;  // why it is not measured; empty: it is
};

struct MemoryCells {
    std::vector<MemoryCell> cells;  // by memory node, then CPU node
    double clock_ns = 0;
    Disturbance disturbance;
};

struct MemoryLimits {
    std::size_t line_bytes = 64;
    std::size_t bytes_max = 0;  // of memory on a node, whatever is free
};

// How many cells are done, with the share of the one that is not.
using CellProgress = std::function<void(double done, int all)>;

// Each cell for its share of `budget`, four seconds at most, one after the other. Memory is a fourth of what
// is free on the node at most. It is bound with mbind(2), or where that is refused touched first by a CPU of
// the node, and huge pages are asked for. A node that has too little memory or that nothing can be bound to
// is not measured, which its cells say. `root` holds proc/ and sys/. Errors: the kernel refuses a CPU.
Result<MemoryCells> measure_memory_cells(const Dir& root, const std::vector<CpuNode>& from,
                                         const std::vector<MemorySource>& to, const MemoryLimits& limits,
                                         std::chrono::nanoseconds budget, const CellProgress& progress);

}  // namespace torque::measure
