
#include "base/format.h"
#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {

// Seastar's --cpuset: numbers and ranges, one shard on each CPU; which shard gets which is Seastar's choice.
Result<std::string> emit_seastar(const Layout& layout) {
    return head(layout, "# ", {"Arguments of the application, one shard a worker."}) +
           formatted("--smp {} --cpuset {}\n", layout.workers.size(), worker_cpus(layout, ","));
}

}  // namespace torque::emit
