#include "emit/emit.h"
#include "emit/run_script.h"

namespace torque::emit {

// taskset(1): one CPU a worker, since on isolated CPUs nothing spreads the threads over a longer list.
Result<std::string> emit_taskset(const Layout& layout) {
    return run_script(layout, [](const Worker& worker) {
        return "taskset --cpu-list " + std::to_string(worker.cpu.value);
    });
}

}  // namespace torque::emit
