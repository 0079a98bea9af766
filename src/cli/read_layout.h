// read_layout(): the layout that --layout names.
#pragma once

#include <string>

#include "torque/layout.h"
#include "torque/result.h"

namespace torque {

// `path` "-" is standard input. Errors name the path: it cannot be read, is longer than any layout, or is
// none.
Result<Layout> read_layout(const std::string& path);

}  // namespace torque
