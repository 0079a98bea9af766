#include "sys/confine.h"
#include "base/format.h"

#include <linux/mempolicy.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace torque {
namespace {

// Linux' largest configurations: CONFIG_NR_CPUS, and 2^CONFIG_NODES_SHIFT on any architecture.
constexpr int kCpusMax = 8192;
constexpr int kNodesMax = 1024;
constexpr std::size_t kWordBits = 8 * sizeof(unsigned long);

using Mask = std::vector<unsigned long>;

void set_bit(Mask& mask, int bit) {
    const auto at = static_cast<std::size_t>(bit);
    mask[at / kWordBits] |= 1UL << (at % kWordBits);
}

tl::unexpected<Error> refused_cpus(const CpuSet& cpus, const char* why) {
    return fail(
        formatted("this process may not run on {} {}: {}", cpus.count() == 1 ? "CPU" : "CPUs", cpus.list(),
                  why),
        {},
        "a cpuset forbids it (cpuset.cpus of the cgroup, docker --cpuset-cpus), the CPU is offline, or "
        "the layout is another machine's");
}

}  // namespace

Result<std::optional<std::string>> confine(const Confinement& wanted) {
    if (wanted.cpus.last() >= kCpusMax) return refused_cpus(wanted.cpus, "no kernel has so many");
    Mask cpus(kCpusMax / kWordBits);
    for (int cpu : wanted.cpus) set_bit(cpus, cpu);
    const std::size_t bytes = cpus.size() * sizeof(unsigned long);
    if (::sched_setaffinity(0, bytes, reinterpret_cast<const cpu_set_t*>(cpus.data())) != 0) {
        return refused_cpus(wanted.cpus, std::strerror(errno));
    }
    // The kernel leaves out what is offline or forbidden as long as something is left.
    Mask taken(cpus.size());
    if (::sched_getaffinity(0, bytes, reinterpret_cast<cpu_set_t*>(taken.data())) == 0 && taken != cpus) {
        return refused_cpus(wanted.cpus, "the kernel left some of them out");
    }
    if (wanted.memory_nodes.empty()) return std::optional<std::string>();
    Mask nodes(kNodesMax / kWordBits);
    const int last = wanted.memory_nodes.back().value;
    for (NodeId node : wanted.memory_nodes) {
        if (node.value >= 0 && node.value < kNodesMax) set_bit(nodes, node.value);
    }
    // The kernel takes one bit less than it is told of.
    const long bound =
        last < kNodesMax ? ::syscall(SYS_set_mempolicy, MPOL_BIND, nodes.data(), kNodesMax + 1UL) : -1;
    if (bound == 0) return std::optional<std::string>();
    const int why = last < kNodesMax ? errno : EINVAL;
    if (why == ENOSYS || why == EPERM) {
        return std::optional(formatted("memory is not bound to node {}: {}", last, std::strerror(why)));
    }
    return fail(formatted("memory cannot be bound to node {}: {}", last, std::strerror(why)), {},
                "the node has no memory, cpuset.mems of the cgroup forbids it, or the layout is another "
                "machine's");
}

CpuSet confined_to() {
    Mask taken(kCpusMax / kWordBits);
    CpuSet cpus;
    if (::sched_getaffinity(0, taken.size() * sizeof(unsigned long),
                            reinterpret_cast<cpu_set_t*>(taken.data())) != 0) {
        return cpus;
    }
    for (int cpu = 0; cpu < kCpusMax; ++cpu) {
        const auto at = static_cast<std::size_t>(cpu);
        if ((taken[at / kWordBits] >> (at % kWordBits) & 1) != 0) cpus.add(cpu);
    }
    return cpus;
}

}  // namespace torque
