// torque.profile/1: a profile as JSON text with // comments.
#pragma once

#include <string>
#include <string_view>

#include "torque/profile.h"
#include "torque/result.h"

namespace torque {

// Errors name `name` and the place; an unknown key is one, with the key that was probably meant.
Result<Profile> parse_profile(std::string_view text, const std::string& name);

}  // namespace torque
