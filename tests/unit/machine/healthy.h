// A machine in good health and a guest in good order, to be spoilt one thing at a time.
// then.
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "catch.h"
#include "machine/findings.h"

namespace findings_of_machines {

using torque::Cache;
using torque::CacheType;
using torque::CoreId;
using torque::CpuId;
using torque::CpuSet;
using torque::Finding;
using torque::Machine;
using torque::NodeId;
using torque::PackageId;

inline constexpr std::uint64_t kKiB = 1024, kMiB = 1024 * kKiB, kGiB = 1024 * kMiB;

inline void place(Machine& machine, const CpuSet& cpus, int package, int node) {
    const CoreId id{static_cast<int>(machine.cores.size())};
    machine.cores.push_back({id, id.value, PackageId{package}, std::nullopt, torque::TypeId{0}, cpus});
    for (int number : cpus) {
        torque::Cpu& cpu = machine.cpus[static_cast<std::size_t>(number)];
        cpu.core = id;
        cpu.package = PackageId{package};
        cpu.node = NodeId{node};
    }
}

inline Cache cache(int level, std::uint64_t size_bytes, const CpuSet& cpus) {
    Cache cache;
    cache.level = level;
    cache.size_bytes = size_bytes;
    cache.cpus = cpus;
    return cache;
}

// Bare metal, in good health: two packages, each a node with an L3 and two cores of two threads.
inline Machine healthy() {
    Machine machine;
    machine.host.model = "AMD EPYC 1234 2-Core Processor";
    machine.host.source = "a test";
    machine.host.online = machine.host.possible = CpuSet::range(0, 7);
    machine.host.memory_bytes = 31 * kGiB;
    machine.host.limits = {1024, 524'288, 8 * kMiB, 100'000, 0};
    for (int number = 0; number < 8; ++number) {
        torque::Cpu cpu;
        cpu.id = CpuId{number};
        cpu.apic_id = static_cast<std::uint32_t>(number);
        machine.cpus.push_back(cpu);
    }
    torque::CoreType type;
    type.vendor = "AuthenticAMD";
    type.family = 0x19;
    type.cpus = machine.host.online;
    machine.types.push_back(type);
    for (int core = 0; core < 4; ++core) {
        const CpuSet cpus = CpuSet::range(2 * core, 2 * core + 1);
        place(machine, cpus, core / 2, core / 2);
        machine.caches.push_back(cache(2, kMiB, cpus));
    }
    for (int package = 0; package < 2; ++package) {
        const CpuSet cpus = CpuSet::range(4 * package, 4 * package + 3);
        machine.packages.push_back({PackageId{package}, cpus});
        machine.caches.push_back(cache(3, 32 * kMiB, cpus));
        torque::Node node;
        node.id = NodeId{package};
        node.cpus = cpus;
        node.memory_bytes = 15 * kGiB + 512 * kMiB;
        machine.nodes.push_back(node);
    }
    machine.distances = torque::Distances{{NodeId{0}, NodeId{1}}, {{10, 21}, {21, 10}}};
    torque::Device nic;
    nic.kind = "network";
    nic.address = "0000:01:00.0";
    nic.name = "eth0";
    nic.node = NodeId{1};
    nic.queues = 2;
    machine.devices.push_back(nic);
    return machine;
}

// Four CPUs that a hypervisor shows as four cores of one package, as it should.
inline Machine guest() {
    Machine machine = healthy();
    machine.host.hypervisor = "KVM";
    machine.host.model = "AMD EPYC 1234 64-Core Processor";
    machine.host.online = CpuSet::range(0, 3);
    machine.host.memory_bytes = 15 * kGiB + 512 * kMiB;
    machine.cpus.resize(4);
    machine.cores.clear();
    for (int cpu = 0; cpu < 4; ++cpu) place(machine, {cpu}, 0, 0);
    machine.packages = {{PackageId{0}, CpuSet::range(0, 3)}};
    machine.caches = {cache(3, 32 * kMiB, CpuSet::range(0, 3))};
    machine.nodes.resize(1);
    machine.distances.reset();
    return machine;
}

inline void switch_off(Machine& machine, int number) {
    torque::Cpu& cpu = machine.cpus[static_cast<std::size_t>(number)];
    cpu.online = cpu.allowed = false;
    machine.cores[static_cast<std::size_t>(cpu.core->value)].cpus.remove(number);
    machine.host.online.remove(number);
    cpu.core.reset();
}

inline std::vector<Finding> findings_of(Machine machine, const Machine& kernel = {},
                                        const Machine& cpuid = {}) {
    torque::add_findings(kernel, cpuid, machine);
    return machine.findings;
}

inline std::set<std::string> ids_of(const std::vector<Finding>& findings) {
    std::set<std::string> ids;
    for (const Finding& finding : findings) ids.insert(finding.id);
    return ids;
}

// The only finding, which must be `id`.
inline Finding the_only(const std::vector<Finding>& findings, const std::string& id) {
    REQUIRE(ids_of(findings) == std::set<std::string>{id});
    REQUIRE(findings.size() == 1);
    CHECK_FALSE(findings[0].message.empty());
    CHECK_FALSE(findings[0].hint.empty());
    CHECK_FALSE(findings[0].sources.empty());
    for (const std::string& source : findings[0].sources) CHECK_FALSE(source.empty());
    return findings[0];
}

// The finding `id` of a guest; others than "vm-guest" must be absent.
inline Finding of_guest(const Machine& machine, const std::string& id) {
    std::vector<Finding> findings = findings_of(machine);
    CHECK(ids_of(findings).count("vm-guest") == 1);
    std::erase_if(findings, [](const Finding& finding) { return finding.id == "vm-guest"; });
    return the_only(findings, id);
}

inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace findings_of_machines
