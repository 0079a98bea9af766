
#include "base/format.h"
#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {
namespace {

constexpr std::size_t kLcoresMax = 128;  // RTE_MAX_LCORE as DPDK is built unless told otherwise

}  // namespace

// DPDK's EAL parameters, --lcores: lcore@cpu. An lcore's number is limited, the CPU's is not.
Result<std::string> emit_dpdk(const Layout& layout) {
    const bool apart = !layout.housekeeping.empty();  // the main lcore
    std::string lcores = apart ? formatted("0@{}", layout.housekeeping.first()) : "";
    std::size_t lcore = apart ? 1 : 0;
    if (layout.workers.size() + lcore > kLcoresMax) {
        return fail(formatted("DPDK has at most {} lcores, and the layout {} workers", kLcoresMax,
                              layout.workers.size()));
    }
    for (const Worker& worker : layout.workers) {
        lcores += formatted("{}{}@{}", lcores.empty() ? "" : ",", lcore++, worker.cpu.value);
    }
    return head(layout, "# ",
                {apart ? "Arguments of the EAL. Lcore 0, the main one, is on a housekeeping CPU; lcore N+1 "
                         "is worker N."
                       : "Arguments of the EAL. Lcore N is worker N; without housekeeping CPUs, 0 is the "
                         "main one too."}) +
           formatted("--lcores '{}' --main-lcore 0\n", lcores);
}

}  // namespace torque::emit
