// APIC ids as firmware lists them: the only source that tells of CPUs that are offline.
#pragma once

#include <cstdint>
#include <vector>

#include "sys/dir.h"

namespace torque {

// The ids of the enabled CPUs in the table's order, each once; empty where the table is not there, is damaged
// or may not be read (it is root's).
// Document: ACPI specification 6.5, 5.2.12 (MADT), 5.2.12.2 (local APIC), 5.2.12.12 (local x2APIC).
std::vector<std::uint32_t> read_madt_apic_ids(const Dir& root);

}  // namespace torque
