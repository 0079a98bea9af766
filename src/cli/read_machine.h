// read_machine(): the machine that --input names.
#pragma once

#include <functional>
#include <string>

#include "sys/host.h"
#include "torque/machine.h"
#include "torque/result.h"

namespace torque {

// The live machine when `input` is empty. With its scheduling groups. With a `second_opinion`, as
// add_second_opinion() takes it, differences from that are among the findings.
// `look` sees what the machine was built from, which is open this once only: a pipe cannot be opened again.
// It is not called where that was a document.
Result<Machine> read_machine(const std::string& input, const std::string& second_opinion = {},
                             const std::function<void(const Host&, const Machine&)>& look = {});

// For libraries that trust what they read and can crash: `work` runs in a process of its own, which sends the
// machine as the document that we check.
Result<Machine> read_apart(const std::function<Result<Machine>()>& work, const std::string& name);

}  // namespace torque
