// The parts of machine_from_cpuid() that speak of kinds of CPUs: core types, TLBs and findings.
#pragma once

#include "probes/cpuid.h"
#include "torque/machine.h"

namespace torque {

// Fills Machine::types, fastest first, and the type of each CPU.
void list_types(const CpuidFacts& facts, Machine& machine);

// Fills threads_per_core of each type from the cores.
void count_threads(Machine& machine);

// Fills Machine::tlbs: one entry a structure for each group of CPUs whose TLBs are all alike.
void list_tlbs(const CpuidFacts& facts, Machine& machine);

// Fills Machine::findings and Machine::provenance; the CPUs are there by then.
void list_findings(const CpuidFacts& facts, Machine& machine);

}  // namespace torque
