// check(): does a kernel honour a layout? By what it does, not by the words on its boot line.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sys/host.h"
#include "torque/layout.h"
#include "torque/machine.h"

namespace torque::tune {

enum class CheckStatus {
    ok,
    drift,        // the machine is not as the layout asks
    not_checked,  // the answer could not be read
};

// One thing that was looked at.
struct CheckRow {
    std::string id;  // stable, kebab-case: "isolated"
    CheckStatus status = CheckStatus::ok;
    std::string expected;
    std::string found;   // empty: not checked
    std::string source;  // the files that tell, as absolute paths
    std::string why;     // it was not checked; empty otherwise
    std::string mend;    // what to do about a drift; empty otherwise
};

struct CheckReport {
    std::vector<CheckRow> rows;  // in the order of the table in check.cc
};

int count(const CheckReport& report, CheckStatus status);

struct CheckSubject {
    const Layout& layout;
    const Machine& machine;  // built from `host`
    const Host& host;        // its root must be there
    // Returns a second later. Empty: what takes two looks at a running kernel is not checked.
    std::function<void()> wait_a_second = {};
};

// Looks at nothing that the layout does not ask for. Reads files only, and needs no privilege for most; what
// it may not read is not checked.
CheckReport check(const CheckSubject& subject);

// What tells the machine from the one that the layout was made for, a sentence each; empty: nothing that
// matters. Siblings that are offline are no difference: to take them offline is one of the SMT policies.
std::vector<std::string> machine_differences(const Layout& layout, const Machine& machine);

}  // namespace torque::tune
