// compare_versions(): the order of versions and of entries' names that boot loaders use.
#pragma once

#include <string_view>

namespace torque::loader {

// Negative: a is older than b. UAPI Group, Version Format Specification (uapi-group.org/specifications).
int compare_versions(std::string_view a, std::string_view b);

}  // namespace torque::loader
