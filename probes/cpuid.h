// CPUID decoded: what every CPU says of itself, its caches, its TLBs and its place in the machine.
//
// Sources: Intel SDM volume 2A (CPUID; 241618 for leaf 2 of old parts), AMD APM volume 3 appendix E, and
// the VIA, Centaur and Cyrix data sheets where they differ.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "probes/cpu_names.h"
#include "sys/cpuid_source.h"
#include "torque/machine.h"

namespace torque {

enum class CpuidDomainKind { core, module, tile, complex, die, die_group, package };

// CPUs of one domain have equal APIC ids after a shift right by `shift` bits (0 to 31).
struct CpuidDomain {
    CpuidDomainKind kind = CpuidDomainKind::core;
    int shift = 0;
    bool operator==(const CpuidDomain&) const = default;
};

// One cache as a CPU sees it. CPUs share an instance when their APIC ids are equal after a shift by `shift`.
struct CpuidCache {
    int level = 0;
    CacheType type = CacheType::unified;
    std::uint64_t size_bytes = 0;
    std::optional<int> line_bytes, ways, partitions;
    std::optional<std::uint64_t> sets;
    bool fully_associative = false;
    std::optional<bool> inclusive;
    int shift = 0;
    bool is_of_node = false;  // shared by the CPUs of one CpuidCpu::amd_node instead
    bool operator==(const CpuidCache&) const = default;
};

// One TLB as a CPU sees it; Tlb::cpus is empty.
using CpuidTlb = Tlb;

enum class CpuidCoreType { unstated, intel_core, intel_atom, amd_performance, amd_efficiency };

// What like CPUs have in common. CPUs of one machine are of several kinds when anything here differs.
struct CpuidKind {
    std::string vendor;                       // twelve letters, as CPUID spells them
    std::optional<std::string> brand;         // without the blanks around it
    std::uint32_t signature = 0;              // leaf 1 EAX, of which the next three are made
    int family = 0, model = 0, stepping = 0;  // display values: the extended fields are added in
    CpuidCoreType core_type = CpuidCoreType::unstated;
    std::uint32_t native_model = 0;    // leaf 0x1A EAX[23:0]; 0 when unstated
    std::vector<CpuidDomain> domains;  // innermost first; core and package always among them
    std::optional<int> package_cpus;   // CPUs of the package as shipped, where the leaf says so
    std::vector<CpuidCache> caches;    // by level, type
    std::vector<CpuidTlb> tlbs;        // by level, type
    std::string topology_leaf, cache_leaf, tlb_leaf;  // where those came from: "0x1F"; empty: nowhere
    bool operator==(const CpuidKind&) const = default;
};

struct CpuidCpu {
    int cpu = 0;
    std::uint32_t apic_id = 0;
    // AMD families 10h to 17h: the die, numbered over the machine, of packages with several.
    std::optional<int> amd_node;
    int kind = 0;  // index into CpuidFacts::kinds
    bool operator==(const CpuidCpu&) const = default;
};

struct CpuidFacts {
    std::string source;                     // CpuidSource::name()
    std::optional<std::string> hypervisor;  // "KVM"; absent on bare metal and in a Windows root partition
    bool is_guest = false;         // the hypervisor bit, root partitions left out; set without a name too
    std::vector<CpuidKind> kinds;  // by first CPU
    std::vector<CpuNames> names;   // of each kind, by its first CPU; none of the 65th kind and those after it
    std::vector<CpuidCpu> cpus;    // ascending
    std::vector<int> refused_cpus;  // those that select() refused
};

enum class CpuidReading {
    every_cpu,  // decode each CPU on its own: dumps, where machines differ in unexpected ways
    like_cpus,  // live: read the leaves that tell kinds apart, and decode each kind once; CPUID traps in
                // guests
};

// Reads every CPU of the source. Never fails: what is not there is absent.
CpuidFacts read_cpuid(CpuidSource& source, CpuidReading reading);

}  // namespace torque
