
#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {

// docker-run(1), podman-run(1): numbers and ranges; CPU numbers are the host's inside as well.
Result<std::string> emit_docker(const Layout& layout) {
    std::string text =
        head(layout, "# ",
             {"Arguments of docker run and podman run. They confine the container, they do not pin: the",
              "program inside pins each thread, by the host's numbers. Workers' CPUs, in order:",
              worker_cpus(layout, " ")});
    text += "--cpuset-cpus=" + program_cpus(layout).list();
    const CpuSet nodes = memory_nodes(layout);
    if (!nodes.empty()) text += " --cpuset-mems=" + nodes.list();
    return text + '\n';
}

}  // namespace torque::emit
