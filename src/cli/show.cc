#include <unistd.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/read_machine.h"
#include "cli/terminal.h"
#include "layout/machine_json.h"
#include "render/tree.h"

namespace torque {

Result<void> run_show(const ShowOptions& options) {
    const Result<Machine> machine = read_machine(options.input, options.compare);
    if (!machine) return tl::unexpected<Error>(machine.error());
    if (options.format == ShowFormat::json) return write_output(options.output, machine_json(*machine));
    TreeStyle style = terminal_style(options.output == "-" ? STDOUT_FILENO : -1);
    style.sources = options.verbose;
    return write_output(options.output, render_tree(*machine, style));
}

}  // namespace torque
