// Checks that XML is harmless before a library that trusts it reads it.
#pragma once

#include <string>
#include <string_view>

#include "torque/result.h"

namespace torque {

// Errors name the line: not XML; DTD declarations, entities of its own or an encoding in which they could
// hide; deeper than 256 levels; more than 4 million tags; objects of CPUs or nodes numbered above
// CpuSet::kMaxCpu; distances among more than 8,192 objects. Passing it does not make the text well formed.
Result<void> check_hwloc_xml(std::string_view text, const std::string& name);

}  // namespace torque
