#include "emit/emit.h"
#include "emit/run_script.h"
#include "emit/text.h"

namespace torque::emit {

// numactl(8): lists are numbers and ranges; it refuses strides and N.
Result<std::string> emit_numactl(const Layout& layout) {
    return run_script(layout, [](const Worker& worker) {
        CpuSet nodes;
        for (const NodeId node : worker.memory_nodes) nodes.add(node.value);
        // --all: numactl else refuses CPUs outside of its own affinity, as isolated ones are.
        std::string command = "numactl --all --physcpubind=" + std::to_string(worker.cpu.value);
        if (!nodes.empty()) command += " --membind=" + nodes.list();
        return command;
    });
}

}  // namespace torque::emit
