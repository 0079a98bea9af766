// diff(): what sets two machines apart, folded so that it can be read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "torque/machine.h"

namespace torque {

// One thing that is not the same. Facts of many CPUs, cores or caches are one difference where they differ
// alike.
struct Difference {
    std::string section;           // "host", "types", "cores", "cpus", "caches", "tlbs", "nodes", "devices"
    std::string what;              // "kernel", "L2 unified", "CPUs 4-11: isolated", "node 1: memory"
    std::optional<std::string> a;  // what machine A says; absent when it has no such thing or does not know
    std::optional<std::string> b;
    bool operator==(const Difference&) const = default;
};

// By section, in the order above. Empty when the machines are alike. The machines may be of any shape: CPUs,
// nodes and types are paired by number, caches and TLBs by level and kind, devices by address and name.
//
// No differences are what changes while a machine runs or depends on how it was read: the source, provenance,
// free huge pages, the numbers of interrupts, findings (they follow from the rest) and the fingerprint.
std::vector<Difference> diff(const Machine& a, const Machine& b);

}  // namespace torque
