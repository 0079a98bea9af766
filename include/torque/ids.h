// Distinct types for the numbers that name CPUs, cores, packages, dies, nodes and types.
#pragma once

#include <compare>
#include <functional>

namespace torque {

// A non-negative number that names one thing of kind `Kind`. Ids of different kinds do not mix.
template <class Kind>
struct Id {
    int value = 0;
    auto operator<=>(const Id&) const = default;
};

using CpuId = Id<struct CpuKind>;          // the kernel's logical CPU number (a processing unit)
using CoreId = Id<struct CoreKind>;        // dense over the machine; not the kernel's core_id, which repeats
using PackageId = Id<struct PackageKind>;  // the kernel's physical_package_id
using DieId = Id<struct DieKind>;          // dense over the machine; the kernel's die_id restarts per package
using ClusterId = Id<struct ClusterKind>;  // dense over the machine
using NodeId = Id<struct NodeKind>;        // the kernel's NUMA node number; may be sparse
using TypeId = Id<struct TypeKind>;        // index into Machine::types, fastest first

}  // namespace torque

template <class Kind>
struct std::hash<torque::Id<Kind>> {
    std::size_t operator()(torque::Id<Kind> id) const noexcept { return std::hash<int>{}(id.value); }
};
