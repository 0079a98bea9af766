#include "cli/other_machine.h"

#include "tune/check.h"

namespace torque {

Result<void> refuse_other_machine(const Layout& layout, const Machine& machine, const std::string& file,
                                  const std::string& forced) {
    std::string differences;
    for (const std::string& one : tune::machine_differences(layout, machine))
        differences += (differences.empty() ? "" : "; ") + one;
    if (differences.empty()) return {};
    return fail("the layout is for another machine: " + differences, file == "-" ? "standard input" : file,
                "make one for this machine with 'torque-topo plan'" +
                    (forced.empty() ? forced : ", or " + forced + " with --force all the same"));
}

}  // namespace torque
