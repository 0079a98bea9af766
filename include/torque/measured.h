// What torque-topo measure has found of a machine.
// As far as others make use of it, see torque-topo-measure(1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "torque/cpu_set.h"
#include "torque/ids.h"

namespace torque {

// What all results have.
struct MeasuredResult {
    std::string file;
    CpuSet cpus;
    bool is_reliable = true;
    // Of the machine. Absent where what was measured is not known to be of any: a table from elsewhere, or a
    // result that is older than fingerprints.
    std::optional<std::string> fingerprint;
};

// CPUs that are nearer to each other than to the rest.
struct MeasuredLevel {
    std::string likely;          // "core", "llc", "package": a guess
    double latency_ns = 0;       // within a group
    double apart_ns = 0;         // between groups
    bool is_only_first = false;  // only the first group was seen to belong together
    std::vector<CpuSet> groups;  // disjoint
};

// A cache line's way from one CPU to the other.
struct MeasuredLatency {
    int a = 0, b = 0;  // a < b
    double latency_ns = 0;
};

// By latencies between CPUs: measure cores.
struct MeasuredCores : MeasuredResult {
    std::vector<MeasuredLevel> levels;   // finest first
    std::vector<MeasuredLatency> pairs;  // by a and then b; empty: read from a table, and not kept
};

struct MeasuredPair {
    int a = 0, b = 0;
    bool is_shared = false, is_apart = false;  // neither: it cannot be told
    bool is_sure = false;
};

// By the speed of CPUs beside each other: measure smt.
struct MeasuredSmt : MeasuredResult {
    std::vector<MeasuredPair> pairs;
};

// Where loads in more and more memory get slower: what a cache holds, or a TLB.
struct MeasuredKnee {
    double at = 0;         // bytes of a cache, pages of a TLB; above 0
    bool is_open = false;  // they still get slower at the last size: it may lie higher
};

struct MeasuredCachesOfCpu {
    int cpu = 0;
    std::size_t page_bytes = 0;              // of the pages that the TLB's knees count
    std::vector<MeasuredKnee> caches, tlbs;  // ascending
};

// By the latency of loads: measure cache.
struct MeasuredCaches : MeasuredResult {
    std::vector<MeasuredCachesOfCpu> measured;  // ascending by CPU, among `cpus`
};

// From the CPUs of one node to the memory of another.
struct MeasuredCell {
    std::optional<NodeId> from, to;                // absent: the kernel knew no nodes
    std::optional<double> latency_ns;              // median; absent: not measured
    double spread_ns = 0;                          // between the quartiles
    std::uint64_t pages = 0, pages_elsewhere = 0;  // of the memory; elsewhere: not on `to`
};

// By loads from memory: measure memory.
struct MeasuredMemory : MeasuredResult {
    std::vector<MeasuredCell> cells;  // ascending by `from` and `to`
};

struct Measured {
    std::optional<MeasuredCores> cores;
    std::optional<MeasuredSmt> smt;
    std::optional<MeasuredCaches> cache;
    std::optional<MeasuredMemory> memory;
};

}  // namespace torque
