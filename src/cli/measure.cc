#include <unistd.h>

#include "cli/commands.h"
#include "cli/measure_kinds.h"
#include "cli/output.h"
#include "cli/terminal.h"

namespace torque {

Result<void> run_measure(const MeasureOptions& options) {
    const auto report = measure_kind(options.kind)->measure(options);
    if (!report) return tl::unexpected<Error>(report.error());
    if (options.json) return write_output(options.output, report->json());
    return write_output(options.output,
                        report->text(terminal_style(options.output == "-" ? STDOUT_FILENO : -1)));
}

}  // namespace torque
