#include "tune/lint_target.h"

#include <algorithm>

namespace torque::tune {

KernelTarget lint_target(const Machine& machine) {
    KernelTarget target;
    for (const Cpu& cpu : machine.cpus) target.present.add(cpu.id);
    target.possible = machine.host.possible | target.present;
    target.boot_cpu = std::max(target.present.first(), 0);  // 0, but on machines that cannot be
    for (const Core& core : machine.cores) target.cores.push_back(core.cpus);
    for (const Irq& irq : machine.irqs) {
        if (irq.managed.value_or(false)) target.managed_irqs.push_back(irq.cpus);
    }
    if (machine.host.kernel) target.release = parse_release(*machine.host.kernel);
    return target;
}

}  // namespace torque::tune
