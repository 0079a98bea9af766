// The profiles of profiles/*.json, compiled in so that the programs need no data file.
#pragma once

#include <span>
#include <string_view>

namespace torque {

struct BuiltinProfile {
    std::string_view name;  // "full"
    std::string_view text;  // torque.profile/1
};

std::span<const BuiltinProfile> builtin_profiles();  // by name

}  // namespace torque
