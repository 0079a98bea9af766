// How a file of the kernel gets back what it held, which is not always what it takes.
#pragma once

#include <string>

namespace torque::tune {

// What has to be written so that a file that held `before`, and to which `after` was written, holds the same
// again: "always [madvise] never" is undone by "madvise", "+cpuset" by "-cpuset" where it was off, nothing by
// an empty line. Empty: nothing has to be.
std::string knob_undo(const std::string& path, const std::string& before, const std::string& after);

// Does `now` say that it does?
bool knob_is_back(const std::string& path, const std::string& before, const std::string& after,
                  const std::string& now);

}  // namespace torque::tune
