#include "serve/preflight.h"
#include "base/format.h"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace torque::serve {
namespace {

constexpr std::uint32_t kSlotsMax = 65536;
constexpr std::size_t kMaskBytes = 8192 / 8;  // Linux' largest configuration

using Mask = std::vector<unsigned long>;

bool move_to(const Mask& mask) {
    return sched_setaffinity(0, kMaskBytes, reinterpret_cast<const cpu_set_t*>(mask.data())) == 0;
}

}  // namespace

std::uint32_t table_slots() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) getrlimit(RLIMIT_NOFILE, &limit);
    return static_cast<std::uint32_t>(std::min<rlim_t>(limit.rlim_cur, kSlotsMax));
}

Result<void> try_cpus(const Layout& layout) {
    constexpr std::size_t kWordBits = 8 * sizeof(unsigned long);
    Mask before(kMaskBytes / sizeof(unsigned long));
    const bool known = sched_getaffinity(0, kMaskBytes, reinterpret_cast<cpu_set_t*>(before.data())) == 0;
    Result<void> result;
    for (const Worker& worker : layout.workers) {
        Mask mask(kMaskBytes / sizeof(unsigned long));
        const auto cpu = static_cast<std::size_t>(worker.cpu.value);
        if (cpu < mask.size() * kWordBits) mask[cpu / kWordBits] |= 1UL << (cpu % kWordBits);
        if (!move_to(mask)) {
            result = fail(
                formatted("worker {} may not run on CPU {}: {}", worker.id, worker.cpu.value,
                          std::strerror(errno)),
                {},
                "a cpuset forbids it (cpuset.cpus of the cgroup, docker --cpuset-cpus), or it is offline");
            break;
        }
    }
    if (known) move_to(before);
    return result;
}

}  // namespace torque::serve
