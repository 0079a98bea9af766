
#include "base/format.h"
#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {
namespace {

// A run of housekeeping CPUs for the threads, the others for the forks, which burn a CPU for seconds: two
// sets, so that they do not wait for each other. The same set where there is but one run.
struct Background {
    CpuSet threads, forks;
};

Background divide(const CpuSet& housekeeping) {
    int last = housekeeping.first();
    while (housekeeping.contains(last + 1)) ++last;
    const CpuSet threads = CpuSet::range(housekeeping.first(), last);
    const CpuSet rest = housekeeping - threads;
    return {threads, rest.empty() ? threads : rest};
}

}  // namespace

// redis.conf: lists as taskset takes them. server_cpulist binds the main thread and the I/O threads alike.
Result<std::string> emit_redis(const Layout& layout) {
    std::string text =
        head(layout, "# ",
             {"Goes into /etc/redis/redis.conf. Redis serves from one thread: one instance a worker, this",
              "one is worker 0. Leave io-threads at 1, they would share the CPU."});
    for (std::size_t i = 1; i < layout.workers.size(); ++i) {
        text += formatted("# The instance of worker {}: server_cpulist {}\n", i, layout.workers[i].cpu.value);
    }
    text += formatted("server_cpulist {}\n", layout.workers.front().cpu.value);
    if (layout.housekeeping.empty()) return text;
    const Background background = divide(layout.housekeeping);
    return text + formatted("bio_cpulist {0}\naof_rewrite_cpulist {1}\nbgsave_cpulist {1}\n",
                            background.threads.list(), background.forks.list());
}

}  // namespace torque::emit
