
#include "base/format.h"
#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {
namespace {

constexpr int kCpusMax = 1024;             // CPU_SETSIZE, which nginx' masks cannot pass
constexpr std::size_t kWorkersMax = 1000;  // NGX_MAX_PROCESSES is 1024, and nginx has helpers of its own

}  // namespace

// ngx_core_module, worker_cpu_affinity: a binary mask for each process, of which the rightmost digit is CPU
// 0.
Result<std::string> emit_nginx(const Layout& layout) {
    if (layout.workers.size() > kWorkersMax) {
        return fail(
            formatted("nginx has at most {} workers, and the layout {}", kWorkersMax, layout.workers.size()));
    }
    std::string masks;
    for (const Worker& worker : layout.workers) {
        if (worker.cpu.value >= kCpusMax) {
            return fail(formatted("nginx cannot name CPU {}: its masks end at CPU {}", worker.cpu.value,
                                  kCpusMax - 1));
        }
        masks += " 1" + std::string(static_cast<std::size_t>(worker.cpu.value), '0');
    }
    return head(layout, "# ",
                {"Goes into /etc/nginx/nginx.conf, outside of all blocks, in place of the line "
                 "worker_processes that",
                 "is there. Listen with reuseport, so that each worker accepts connections of its own."}) +
           formatted("worker_processes {};\nworker_cpu_affinity{};\n", layout.workers.size(), masks);
}

}  // namespace torque::emit
