// Machine: what a computer is made of, as one value. The JSON form is torque.machine/1.
//
// The model. A machine has CPUs, which is the kernel's word for what other people call a processing unit,
// a logical processor or a hardware thread. CPUs that share execution units are the SMT siblings of one
// core. Cores lie on dies, dies in packages (what one buys and puts in a socket). Caches are shared by the
// CPUs that they list, whatever the tree says: an L2 may belong to a thread, a core, a cluster of cores or
// a package. A NUMA node is memory with the CPUs nearest to it; there are nodes without CPUs (CXL, HBM,
// GPU memory) and nodes without memory. Cores come in types (hybrid machines), and everything may differ
// from type to type: the number of threads, the caches, the TLBs.
//
// What is not known is absent (std::nullopt, an empty list), never zero. Offline CPUs are listed, with what
// is known of them, which is little: the kernel hides their topology.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "torque/cpu_set.h"
#include "torque/groups.h"
#include "torque/ids.h"

namespace torque {

struct Cpu {
    CpuId id;
    std::optional<std::uint32_t> apic_id;  // x2APIC id (CPUID 0x1F/0xB EDX), else the 8-bit id of leaf 1
    std::optional<CoreId> core;            // of an offline CPU where APIC ids tell it
    std::optional<int> smt;                // 0-based position among the online siblings of its core
    std::optional<PackageId> package;
    std::optional<DieId> die;
    std::optional<ClusterId> cluster;
    std::optional<NodeId> node;
    std::optional<TypeId> type;
    bool online = true;
    bool allowed = true;    // online and in the effective cpuset of this process' cgroup; not its affinity
    bool isolated = false;  // isolcpus=domain as the kernel took it (cpu/isolated)
    bool nohz_full = false;
    std::optional<int> capacity;           // 1 to 1024, relative to the fastest CPU (cpu_capacity)
    std::optional<std::uint64_t> max_khz;  // cpufreq/cpuinfo_max_freq
    bool operator==(const Cpu&) const = default;
};

struct Core {
    CoreId id;
    std::optional<int> core_id;  // the kernel's, unique only within a package or die
    std::optional<PackageId> package;
    std::optional<DieId> die;
    std::optional<TypeId> type;
    CpuSet cpus;  // online CPUs of the core
    bool operator==(const Core&) const = default;
};

struct Package {
    PackageId id;
    CpuSet cpus;
    bool operator==(const Package&) const = default;
};

struct Die {
    DieId id;
    std::optional<PackageId> package;
    CpuSet cpus;
    bool operator==(const Die&) const = default;
};

// Cores that share an L2, a module or a tile: present only where the machine names such a level.
struct Cluster {
    ClusterId id;
    std::optional<PackageId> package;
    CpuSet cpus;
    bool operator==(const Cluster&) const = default;
};

enum class CoreClass { performance, efficiency, low_power, uniform };

// One kind of core. Machine::types lists them fastest first.
struct CoreType {
    TypeId id;
    CoreClass core_class = CoreClass::uniform;
    std::optional<std::string> vendor;    // CPUID's twelve letters, or the implementer
    std::optional<std::string> brand;     // "12th Gen Intel(R) Core(TM) i9-12900HK"
    std::optional<std::string> codename;  // "Alder Lake-P"
    std::optional<int> family, model, stepping;
    CpuSet cpus;
    std::optional<int> threads_per_core;
    std::vector<std::string> features;
    bool operator==(const CoreType&) const = default;
};

enum class CacheType { data, instruction, unified };

// One instance of a cache: a machine with four cores has four L1 data caches.
struct Cache {
    int level = 0;  // 1 is nearest to the core
    CacheType type = CacheType::unified;
    std::optional<std::uint64_t> size_bytes;
    std::optional<int> line_bytes;
    std::optional<int> ways;  // absent when unknown; equal to the number of lines when fully associative
    std::optional<std::uint64_t> sets;
    std::optional<int> partitions;  // physical line partitions
    std::optional<bool> inclusive;  // of the levels nearer to the core
    CpuSet cpus;
    bool operator==(const Cache&) const = default;
};

enum class TlbType { data, instruction, unified, load, store };

// One TLB structure of each CPU (or sharing group) in `cpus`: one entry for a group of like CPUs.
struct Tlb {
    int level = 0;  // 1 is looked up first
    TlbType type = TlbType::unified;
    std::vector<std::string> page_sizes;  // of "4K", "2M", "4M", "1G", ascending
    std::optional<int> entries;
    std::optional<int> ways;         // absent when unknown; 0 never
    bool fully_associative = false;  // then `ways` is absent
    CpuSet cpus;
    bool operator==(const Tlb&) const = default;
};

struct HugePages {
    std::uint64_t page_bytes = 0;
    std::uint64_t total = 0;  // pages reserved on the node (nr_hugepages)
    std::uint64_t free = 0;
    bool operator==(const HugePages&) const = default;
};

enum class MemoryKind { dram, hbm, cxl, gpu };

// A cache that holds one node's memory in front of it: DRAM before persistent or far memory (ACPI HMAT).
struct MemorySideCache {
    int level = 0;  // 1 is nearest to the CPUs
    std::optional<std::uint64_t> size_bytes, line_bytes;
    std::optional<bool> direct_mapped, write_back;
    bool operator==(const MemorySideCache&) const = default;
};

struct Node {
    NodeId id;
    CpuSet cpus;                                // online CPUs nearest to it; may be empty
    std::optional<std::uint64_t> memory_bytes;  // 0: the node is known to have none
    std::vector<HugePages> hugepages;
    std::optional<MemoryKind> memory_kind;
    std::vector<MemorySideCache> memory_side_caches;
    bool operator==(const Node&) const = default;
};

// What firmware promises of the way from the initiators to the memory of `node` (ACPI HMAT), as the kernel
// shows it. Class 0: the best of any initiators; class 1: of those with CPUs. Best is the figure to every one
// of the listed initiators; to other nodes nothing is told.
struct MemoryAttributes {
    NodeId node;
    int access_class = 0;
    std::vector<NodeId> initiators;
    std::optional<std::uint64_t> read_bytes_per_s, write_bytes_per_s;
    std::optional<std::uint64_t> read_latency_ns, write_latency_ns;
    bool operator==(const MemoryAttributes&) const = default;
};

// The ACPI SLIT as the kernel shows it: 10 is local, 20 costs twice as much. May be asymmetric.
struct Distances {
    std::vector<NodeId> nodes;
    std::vector<std::vector<int>> matrix;  // matrix[i][j]: from a CPU on nodes[i] to memory on nodes[j]
    bool operator==(const Distances&) const = default;
};

// A PCI function, network interface or block device that a plan may want to be near to.
struct Device {
    std::string address;  // PCI address "0000:65:00.0", or empty
    std::string kind;     // "network", "nvme", "gpu", "accelerator", "infiniband", "block"; "class" in JSON
    std::string name;     // "eth0", "nvme0n1"; may be empty
    std::optional<std::string> vendor, model;
    std::optional<NodeId> node;  // absent: the kernel says -1, or nothing
    CpuSet cpus;                 // local CPUs
    std::vector<int> irqs;
    std::optional<int> queues;  // receive queues (network) or hardware queues (block)
    std::optional<std::string> driver;
    std::optional<std::string> state;   // of a network interface: "up", "down", "unknown"
    std::optional<int> speed_mbps;      // of its link, 10^6 bits a second
    std::optional<std::string> duplex;  // of its link: "full", "half"
    std::optional<int> tx_queues;       // of a network interface
    std::optional<CpuSet> rps_cpus;     // where receive packet steering sends packets; empty: it is off
    std::vector<CpuSet> rps_queues;     // the same of each receive queue
    std::vector<CpuSet> xps_queues;     // CPUs whose packets go to each transmit queue; empty: not told
    std::optional<std::uint64_t> memory_bytes;  // a GPU's own
    bool operator==(const Device&) const = default;
};

struct Irq {
    int irq = 0;
    std::string name;
    CpuSet cpus;                           // allowed: smp_affinity_list
    std::optional<CpuSet> effective_cpus;  // where the controller really sends it
    std::optional<bool> managed;
    bool operator==(const Irq&) const = default;
};

struct Limits {
    std::optional<std::uint64_t> nofile, nofile_hard;  // descriptors; absent when unlimited or unknown
    std::optional<std::uint64_t> memlock_bytes;
    std::optional<std::uint64_t> threads_max;
    std::optional<int> io_uring_disabled;  // kernel.io_uring_disabled: 0, 1 or 2
    bool operator==(const Limits&) const = default;
};

struct HostFacts {
    std::optional<std::string> kernel;          // release: "6.12.0"
    std::optional<std::string> model;           // the first CPU's brand
    std::optional<std::string> arch;            // "x86_64"
    std::optional<std::string> cmdline;         // as booted
    std::optional<std::string> hypervisor;      // "KVM", "VMware", "unknown hypervisor"; absent on bare metal
    std::optional<std::uint64_t> memory_bytes;  // MemTotal
    CpuSet possible;                            // CPUs that could ever exist: what a boot line may name
    CpuSet online;
    std::optional<CpuSet> cgroup_cpus;  // effective cpuset of this process' cgroup
    std::optional<double> cpu_quota;    // CPUs' worth of time that the cgroup may use
    CpuSet isolated;
    CpuSet nohz_full;
    Limits limits;
    std::string source;  // what was read: "live", or the input's name
    bool operator==(const HostFacts&) const = default;
};

enum class Severity { info, warning, problem };

// Something a user should know: sources that disagree, a claim that cannot be true, a thing that will hurt.
struct Finding {
    std::string id;  // stable, kebab-case: "smt-sibling-offline"
    Severity severity = Severity::info;
    std::string message;
    std::string hint;
    std::vector<std::string> sources;
    bool operator==(const Finding&) const = default;
};

// Where a fact came from: fact "caches", source "/sys/devices/system/cpu/cpu*/cache".
struct Provenance {
    std::string fact;
    std::string source;
    bool operator==(const Provenance&) const = default;
};

struct Machine {
    HostFacts host;
    std::vector<Cpu> cpus;  // ascending by id, as are all lists below that have one
    std::vector<Core> cores;
    std::vector<Package> packages;
    std::vector<Die> dies;
    std::vector<Cluster> clusters;
    std::vector<CoreType> types;
    std::vector<Cache> caches;  // by level, type, first CPU
    std::vector<Tlb> tlbs;
    std::vector<Node> nodes;
    std::optional<Distances> distances;
    std::vector<MemoryAttributes> memory_attributes;  // by node, then class
    std::vector<Device> devices;                      // by address, then name
    std::vector<Irq> irqs;                            // of the devices
    std::vector<Finding> findings;
    std::vector<Provenance> provenance;
    std::vector<SchedulingLevel> groups;
    std::string fingerprint;  // equal on machines that a layout can be moved between
    bool operator==(const Machine&) const = default;
};

}  // namespace torque
