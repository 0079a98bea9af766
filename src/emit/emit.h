// A layout in the words of other programs: one function, in a file of its own, for each format.
#pragma once

#include <string>

#include "torque/layout.h"
#include "torque/result.h"

namespace torque::emit {

// As write_format() of emit/formats.h says, which has seen to it that the layout has what the format needs.

// The kernel's boot line and who keeps it.
Result<std::string> emit_boot(const Layout& layout);
Result<std::string> emit_grub(const Layout& layout);
Result<std::string> emit_grubby(const Layout& layout);
Result<std::string> emit_bls(const Layout& layout);
Result<std::string> emit_systemd_boot(const Layout& layout);
Result<std::string> emit_kernelstub(const Layout& layout);
Result<std::string> emit_rpm_ostree(const Layout& layout);
Result<std::string> emit_bootc(const Layout& layout);

// The running system.
Result<std::string> emit_systemd_unit(const Layout& layout);
Result<std::string> emit_systemd_manager(const Layout& layout);
Result<std::string> emit_systemd_slice(const Layout& layout);
Result<std::string> emit_cgroup(const Layout& layout);
Result<std::string> emit_tuned(const Layout& layout);
Result<std::string> emit_irqbalance(const Layout& layout);

// Programs with workers.
Result<std::string> emit_nginx(const Layout& layout);
Result<std::string> emit_haproxy(const Layout& layout);
Result<std::string> emit_redis(const Layout& layout);
Result<std::string> emit_dpdk(const Layout& layout);
Result<std::string> emit_seastar(const Layout& layout);
Result<std::string> emit_scylla(const Layout& layout);
Result<std::string> emit_perftune(const Layout& layout);
Result<std::string> emit_openmp(const Layout& layout);

// Starting any program.
Result<std::string> emit_shell(const Layout& layout);
Result<std::string> emit_taskset(const Layout& layout);
Result<std::string> emit_numactl(const Layout& layout);
Result<std::string> emit_likwid(const Layout& layout);

// Containers, virtual machines, clusters and fleets.
Result<std::string> emit_docker(const Layout& layout);
Result<std::string> emit_kubelet(const Layout& layout);
Result<std::string> emit_nfd(const Layout& layout);
Result<std::string> emit_openshift(const Layout& layout);
Result<std::string> emit_slurm(const Layout& layout);
Result<std::string> emit_libvirt(const Layout& layout);
Result<std::string> emit_ansible(const Layout& layout);

}  // namespace torque::emit
