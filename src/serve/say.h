// What torque-serve says on standard error.
#pragma once

#include <string>

#include "torque/result.h"

namespace torque::serve {

inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 2;

void say(const std::string& line);
// "error: ..." and its hint; returns the exit status for it.
int report(const Error& error);
// "warning: ..."
void warn(const Error& error);

}  // namespace torque::serve
