#include <unistd.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/second_opinion.h"
#include "cli/terminal.h"
#include "discover/read_machine.h"
#include "render/tree.h"
#include "torque/json.h"

namespace torque {

Result<void> run_show(const ShowOptions& options) {
    const Result<Machine> machine =
        read_machine(options.input, [&](const Host* host, Machine& built) -> Result<void> {
            if (options.compare.empty()) return {};
            return add_second_opinion(options.compare, host, built);
        });
    if (!machine) return tl::unexpected<Error>(machine.error());
    if (options.format == ShowFormat::json) return write_output(options.output, machine_json(*machine));
    TreeStyle style = terminal_style(options.output == "-" ? STDOUT_FILENO : -1);
    style.sources = options.verbose;
    return write_output(options.output, render_tree(*machine, style));
}

}  // namespace torque
