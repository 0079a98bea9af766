// read_machine(): the machine that --input names.
#pragma once

#include <functional>
#include <string>

#include "sys/host.h"
#include "torque/machine.h"
#include "torque/result.h"

namespace torque {

// As discover(). `look` sees the machine with what it was built from, which is open this once only (a pipe
// cannot be opened again); no host where that was a document. It may add to the machine, and its error is the
// result's.
using Look = std::function<Result<void>(const Host*, Machine&)>;
Result<Machine> read_machine(const std::string& input, const Look& look);

// For libraries that trust what they read and can crash: `work` runs in a process of its own, which sends the
// machine as the document that we check.
Result<Machine> read_apart(const std::function<Result<Machine>()>& work, const std::string& name);

}  // namespace torque
