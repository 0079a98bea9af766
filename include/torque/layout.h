// Layout: a plan's result, who runs where and why. The JSON form is torque.layout/1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "torque/cpu_set.h"
#include "torque/groups.h"
#include "torque/ids.h"
#include "torque/profile.h"

namespace torque {

enum class Policy {
    spread,  // workers with memory of their own: far apart, to use every cache and memory channel
    huddle,  // workers that share memory: as near to each other as they fit
};

// What becomes of the other threads of a worker's core (rule R2).
enum class SmtPolicy { idle, use, assist, offline, housekeeping };

enum class ClassChoice { best, efficiency, any };

enum class Isolate {
    minimal,  // the workers' cores only (R6)
    rest,     // everything but the housekeeping floor
};

// Which of the cores that would do alike is taken first (R5).
enum class Prefer {
    number,  // the highest-numbered
    turbo,   // the one that clocks highest; among equals the highest-numbered
};

// What the user asked for.
struct Request {
    std::optional<int> workers;  // 1 or more; absent: auto, as many as there are slots
    Policy policy = Policy::spread;
    SmtPolicy smt = SmtPolicy::idle;
    ClassChoice core_class = ClassChoice::best;
    Isolate isolate = Isolate::minimal;
    std::optional<CpuSet> cpus;       // --cpus: use no other CPUs
    std::optional<std::string> near;  // --near: device name or PCI address
    bool spill = false;               // with near: go on to other nodes by distance
    Prefer prefer = Prefer::number;
    bool oversubscribe = false;      // more workers than slots share CPUs (R15)
    bool allow_split = false;        // cores of which only some threads are allowed may host workers
    bool quiet_llc = false;          // isolate the unused cores of the workers' last-level caches too (R6)
    bool require_isolation = false;  // no plan rather than one that isolates nothing (R10)
    std::optional<CpuSet> keep;      // CPUs of the workers that are to be moved as little as can be (R17)
    bool operator==(const Request&) const = default;
};

// The machine that the layout was made for; a server refuses any other.
struct LayoutMachine {
    std::string fingerprint;
    std::optional<std::string> model;
    CpuSet possible_cpus;
    bool operator==(const LayoutMachine&) const = default;
};

// A worker's receive buffers.
struct Buffers {
    int count = 0;       // power of two, 1 to 32,768 (the io_uring buffer ring's limit)
    int size_bytes = 0;  // of each
    bool operator==(const Buffers&) const = default;
};

struct Worker {
    int id = 0;  // 0-based, dense
    CpuId cpu;
    CoreId core;
    CpuSet siblings;  // the other CPUs of the core
    std::optional<PackageId> package;
    std::optional<NodeId> node;        // of its CPU
    std::optional<int> llc;            // dense index of the last-level cache, ordered by first CPU
    std::vector<NodeId> memory_nodes;  // to bind its memory to; empty: no binding
    std::optional<int> queue;          // receive queue of the near device that is steered to it
    Buffers buffers;
    bool is_shared = false;  // another worker is on the same CPU (R15)
    bool operator==(const Worker&) const = default;
};

struct BootArg {
    std::string name;   // "isolcpus"
    std::string value;  // "managed_irq,domain,4-11"; "" for a bare word
    std::string why, price, needs;
    bool operator==(const BootArg&) const = default;
};

struct Boot {
    std::optional<std::string> cmdline;  // exactly as it goes on the kernel's line; absent where none applies
    std::vector<BootArg> args;
    bool operator==(const Boot&) const = default;
};

struct Decision {
    std::string rule;  // "R1"
    std::string why;   // one sentence that names the numbers
    bool operator==(const Decision&) const = default;
};

struct Layout {
    LayoutMachine machine;
    Request request;
    std::string profile;          // name
    std::vector<Worker> workers;  // by id
    CpuSet isolated;
    CpuSet housekeeping;
    Boot boot;
    std::vector<RuntimeKnob> runtime;
    std::vector<std::string>
        leftovers;  // what the plan could not move: managed interrupts, single-queue NICs
    std::vector<std::string> warnings;
    std::vector<Decision> decisions;
    std::vector<SchedulingLevel> groups;  // the scheduling universe that the workers were placed in
    bool operator==(const Layout&) const = default;
};

}  // namespace torque
