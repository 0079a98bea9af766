// What a plan has to work with: the machine's cores, their nodes, and which of them may host a worker.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "torque/layout.h"
#include "torque/machine.h"
#include "torque/result.h"

namespace torque::planning {

// Why a core is no slot; the first that applies.
enum class Passed {
    no,           // it is a slot
    outside,      // none of its CPUs is allowed
    split,        // only some of its CPUs are allowed: a foreign thread would share it
    boot,         // R1
    other_class,  // R3
};

// One core. "Whole" is said of the CPUs that are online.
struct SurveyCore {
    CoreId id;
    CpuSet cpus;      // online threads
    CpuSet usable;    // those of them that are allowed
    CpuSet absent;    // offline threads, as far as they can be told (R13)
    int threads = 1;  // usable ones
    int rank = 0;     // class_rank()
    int tier = 0;     // of a slot: the position of its class among those of the slots, 0 is the best
    int node = 0;     // index into Survey::nodes
    int llc = 0;      // index of the last-level cache group
    int wanted = 0;   // workers that --keep has on it (R17)
    std::uint64_t speed_khz = 0;  // the highest of its threads, for --prefer turbo; 0 where that is not asked
    std::optional<PackageId> package;
    Passed passed = Passed::no;
    bool in_universe = false;  // all its online CPUs are the plan's to divide: it counts for the floor (R4)

    int first() const { return cpus.first(); }
    bool is_slot() const { return passed == Passed::no; }
};

// A NUMA node with CPUs, or the whole machine where it has no nodes.
struct SurveyNode {
    std::optional<NodeId> id;
    std::vector<int> cores;  // indexes of cores, ascending by first CPU
    std::vector<int> slots;  // those of them that are slots
    int distance = 0;        // to the device of --near; 0 without one
};

struct Survey {
    CpuSet universe;  // isolated and housekeeping divide this: possible CPUs, in a container the cgroup's
    CpuSet allowed;   // online, in the cgroup's cpuset, and in --cpus
    bool container = false;
    int boot_cpu = 0;
    std::vector<SurveyCore> cores;   // ascending by first CPU
    std::vector<SurveyNode> nodes;   // in the order in which they are filled (R7, R8)
    std::vector<bool> llc_is_known;  // by last-level group: false where a package stands in
    CpuSet unplaced;                 // offline CPUs whose core is unknown
    int tiers = 1;                   // slots are of tiers 0 to tiers - 1
    int threads_max = 1;             // of any slot
    int nodes_eligible = 0;          // how many of `nodes`, from the front, may host workers
    std::optional<int> lone_core;    // R10: the only core there is
    const Device* near = nullptr;    // the device of --near, where it constrains the plan
    std::vector<std::string> warnings;

    const SurveyCore& core(int index) const { return cores[static_cast<std::size_t>(index)]; }
    const SurveyNode& node(int index) const { return nodes[static_cast<std::size_t>(index)]; }
};

// Errors: ErrorKind::usage when the request names a device or CPU that the machine does not have;
// ErrorKind::failure for a machine without CPUs.
Result<Survey> survey(const Machine& machine, const Request& request);

// 0 for performance and uniform cores, 1 for efficiency, 2 for low-power; 0 where the machine has no types.
int class_rank(const Machine& machine, std::optional<TypeId> type);

// The online cores, each with its online CPUs, ascending by first CPU; CPUs without a core are cores of their
// own.
std::vector<Core> online_cores(const Machine& machine);

}  // namespace torque::planning
