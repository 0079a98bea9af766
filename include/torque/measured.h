// What torque-topo measure has found of a machine.
// As far as others make use of it, see torque-topo-measure(1).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "torque/cpu_set.h"

namespace torque {

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
struct MeasuredCores {
    std::string file;
    CpuSet cpus;
    bool is_reliable = true;
    std::vector<MeasuredLevel> levels;   // finest first
    std::vector<MeasuredLatency> pairs;  // by a and then b; empty: read from a table, and not kept
};

struct MeasuredPair {
    int a = 0, b = 0;
    bool is_shared = false, is_apart = false;  // neither: it cannot be told
    bool is_sure = false;
};

// By the speed of CPUs beside each other: measure smt.
struct MeasuredSmt {
    std::string file;
    CpuSet cpus;
    bool is_reliable = true;
    std::vector<MeasuredPair> pairs;
};

struct Measured {
    std::optional<MeasuredCores> cores;
    std::optional<MeasuredSmt> smt;
};

}  // namespace torque
