// The tables of checks, and the words that their sentences share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "machine/findings.h"

namespace torque::findings {

std::vector<Check> source_checks();  // sources that disagree
std::vector<Check> claim_checks();   // what a hypervisor says of its guest
std::vector<Check> hurt_checks();    // states and settings that will cost somebody time

// What the boot line keeps from the kernel; one of the last table.
std::optional<Said> look_at_boot_line(const Evidence& evidence);

// By CPUID's hypervisor bit, which a Windows root partition does not count for, or by firmware's names.
bool is_guest(const Machine& machine, const Machine& cpuid);

CpuSet online_cpus(const Machine& machine);

// "1 core", "3 cores".
std::string counted(int count, std::string_view thing);

// "CPU 3", "CPUs 0-3,8"; cut short where the list is too long for a sentence.
std::string cpus_text(const CpuSet& cpus);

// "32 KiB", "1.5 MiB", "22.3 GiB".
std::string size_text(std::uint64_t bytes);

// The CPUs of each group, among `common` only: a CPU that one source does not know proves nothing.
template <class Group>
std::vector<CpuSet> sets_among(const std::vector<Group>& groups, const CpuSet& common) {
    std::vector<CpuSet> sets;
    for (const Group& group : groups) {
        CpuSet cpus = group.cpus & common;
        if (!cpus.empty()) sets.push_back(std::move(cpus));
    }
    return sets;
}

// The first set, by its CPUs, that only one side has, and what the other side has in its place; either may be
// empty. Absent when both have the same sets.
std::optional<std::pair<CpuSet, CpuSet>> first_difference(std::vector<CpuSet> a, std::vector<CpuSet> b);

// Where the machine has the fact from; `otherwise` when its provenance does not say.
std::string source_of(const Machine& machine, std::string_view fact, std::string_view otherwise);

}  // namespace torque::findings
