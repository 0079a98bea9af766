
#include "base/format.h"
#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {

// systemd.exec(5): CPU lists are ranges parted by spaces or commas; NUMAMask= takes the same form.
Result<std::string> emit_systemd_unit(const Layout& layout) {
    std::string text =
        head(layout, "# ",
             {"Goes to /etc/systemd/system/NAME.service.d/90-torque.conf; then: systemctl daemon-reload.",
              "It confines the service, it does not pin: on isolated CPUs nothing balances, so the",
              "program has to pin each of its threads to one CPU. Workers' CPUs, in order:",
              worker_cpus(layout, " ")});
    text += formatted("[Service]\nCPUAffinity={}\n", spaced_list(program_cpus(layout)));
    const CpuSet nodes = memory_nodes(layout);
    if (!nodes.empty()) text += formatted("NUMAPolicy=bind\nNUMAMask={}\n", nodes.list());
    return text;
}

}  // namespace torque::emit
