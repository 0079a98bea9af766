// The tables of checks, and the words that their sentences share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "machine/findings.h"

namespace torque::findings {

std::vector<Check> source_checks();  // sources that disagree
std::vector<Check> claim_checks();   // what a hypervisor says of its guest
std::vector<Check> hurt_checks();    // states and settings that will cost somebody time

// By CPUID's hypervisor bit, which a Windows root partition does not count for, or by firmware's names.
bool is_guest(const Machine& machine, const Machine& cpuid);

CpuSet online_cpus(const Machine& machine);

// "1 core", "3 cores".
std::string counted(int count, std::string_view thing);

// "CPU 3", "CPUs 0-3,8"; cut short where the list is too long for a sentence.
std::string cpus_text(const CpuSet& cpus);

// "32 KiB", "1.5 MiB", "22.3 GiB".
std::string size_text(std::uint64_t bytes);

// Where the machine has the fact from; `otherwise` when its provenance does not say.
std::string source_of(const Machine& machine, std::string_view fact, std::string_view otherwise);

}  // namespace torque::findings
