// Where interrupts may go and do go, as /proc/irq and its relatives tell.
#pragma once

#include <vector>

#include "sys/dir.h"
#include "torque/machine.h"

namespace torque {

// One entry for each of `numbers`, ascending, that /proc/irq knows or that has a name. Only those that
// somebody asks for are read, the devices' own: a large server has thousands, at three files each. Names come
// from /sys/kernel/irq, and only where that is missing from /proc/interrupts, which grows with CPUs times
// interrupts. Whether the kernel manages an affinity (and user space cannot change it) is told by debugfs
// (kernel/debug/irq), thus to root at most, and by few kernels; else by the names of the disk drivers that
// leave it to the kernel always, else it is absent. Documents:
// Documentation/core-api/irq/irq-affinity.rst, ABI/testing/sysfs-kernel-irq, proc(5).
std::vector<Irq> read_irqs(const Dir& root, std::vector<int> numbers);

}  // namespace torque
