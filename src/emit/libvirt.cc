
#include "base/format.h"
#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {

// libvirt's domain XML, "CPU Tuning": numbers and ranges, and ^N to leave one out. emulatorpin holds QEMU's
// own threads.
Result<std::string> emit_libvirt(const Layout& layout) {
    const std::string housekeeping = layout.housekeeping.list();
    std::string text = formatted(
        "<!-- By torque-topo, from {}.\n"
        "     Goes into <domain>, by virsh edit, in place of the elements of the same names: a\n"
        "     guest of one virtual CPU a worker. -->\n",
        plan_name(layout));
    const std::string cpuset = housekeeping.empty() ? "" : formatted(" cpuset='{}'", housekeeping);
    text += formatted("<vcpu placement='static'{}>{}</vcpu>\n<cputune>\n", cpuset, layout.workers.size());
    for (const Worker& worker : layout.workers) {
        text += formatted("  <vcpupin vcpu='{}' cpuset='{}'/>\n", worker.id, worker.cpu.value);
    }
    if (!housekeeping.empty()) text += formatted("  <emulatorpin cpuset='{}'/>\n", housekeeping);
    text += "</cputune>\n";
    const CpuSet nodes = memory_nodes(layout);
    if (nodes.empty()) return text;
    return text +
           formatted("<numatune>\n  <memory mode='strict' nodeset='{}'/>\n</numatune>\n", nodes.list());
}

}  // namespace torque::emit
