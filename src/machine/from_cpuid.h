// Builds the part of a Machine that CPUID tells: CPUs, cores, packages, core types, caches and TLBs.
#pragma once

#include "probes/cpuid.h"
#include "torque/machine.h"

namespace torque {

// Cores, packages, dies and caches are the groups of CPUs whose APIC ids agree in the bits that CPUID names,
// counted over the CPUs that are there. Package ids are the kernel's (the APIC id above the package's bits);
// core_id, nodes, frequencies and what only a kernel knows are absent.
//
// Findings: "cpuid-no-apic-ids" (several CPUs have one id, so they have no core or package, and of their
// caches only those that no other CPU shares are listed), "cpuid-partial" (fewer CPUs than the package has),
// "cpuid-refused" (CPUs that could not be asked), "cpuid-hypervisor-unnamed", "cpuid-tlb-reports" (two leaves
// describe TLBs for the same pages).
Machine machine_from_cpuid(const CpuidFacts& facts);

}  // namespace torque
