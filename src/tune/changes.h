// What is to be written for a layout on a running kernel.
#pragma once

#include <string>
#include <vector>

#include "sys/dir.h"
#include "torque/layout.h"
#include "torque/machine.h"

namespace torque::tune {

struct Change {
    enum class Kind {
        write,      // one of the kernel's files
        folder,     // a control group to be made
        interrupt,  // write, and the kernel may refuse: it places managed and per-CPU interrupts itself
    };
    Kind kind = Kind::write;
    std::string path;   // absolute
    std::string value;  // without a line end
    std::string why;
    bool may_lack = true;     // that there is no such file is no failure
    bool is_managed = false;  // an interrupt that is known to be refused
};

// The layout's files, with the control groups that they are in; what its boot line asks for as far as it can
// be had without a reboot; and, where the layout isolates, whatever keeps kernel work, interrupts and packets
// that are there now off its CPUs. No path twice. Nothing for a layout that asks for no boot line and no
// files. Errors: a file of the layout that is none of tuning_files.h.
Result<std::vector<Change>> propose_changes(const Layout& layout, const Dir& root);

// Why the layout's cpuset partition must not be made on this machine, a sentence; empty: it may. A partition
// resets the masks of tasks and kernel threads that isolcpus= and nohz_full= have set for other CPUs.
std::string partition_conflict(const Layout& layout, const Machine& machine);

// Equal for layouts that want the same changes.
std::string changes_digest(const Layout& layout);

}  // namespace torque::tune
