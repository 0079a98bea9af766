// A shell script that runs a command as one of the workers.
#pragma once

#include <functional>
#include <string>

#include "torque/layout.h"
#include "torque/result.h"

namespace torque::emit {

// launcher: the words that go before the command to make it that worker.
Result<std::string> run_script(const Layout& layout,
                               const std::function<std::string(const Worker&)>& launcher);

}  // namespace torque::emit
