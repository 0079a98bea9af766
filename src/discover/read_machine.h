// read_machine(): the machine that --input names.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sys/host.h"
#include "torque/machine.h"
#include "torque/result.h"

namespace torque {

// As discover(). `look` sees the machine with what it was built from, which is open this once only (a pipe
// cannot be opened again); no host where that was a document. It may add to the machine, and its error is the
// result's.
using Look = std::function<Result<void>(const Host*, Machine&)>;
Result<Machine> read_machine(const std::string& input, const Look& look);

// The machine that torque-apart answers (src/apart/main.cc), as a document that we check. `words` and `input`
// as for run_apart() (sys/apart.h), which has the errors too.
Result<Machine> read_apart(const std::vector<std::string>& words, std::string_view input,
                           const std::string& name);

}  // namespace torque
