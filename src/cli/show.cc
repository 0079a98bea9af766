#include <unistd.h>

#include <optional>

#include "cli/commands.h"
#include "cli/other_machine.h"
#include "cli/output.h"
#include "cli/read_measured.h"
#include "cli/second_opinion.h"
#include "cli/terminal.h"
#include "discover/read_machine.h"
#include "machine/findings_measured.h"
#include "render/box.h"
#include "render/html.h"
#include "render/matrix.h"
#include "render/svg.h"
#include "render/table.h"
#include "render/tree.h"
#include "torque/discover.h"
#include "torque/json.h"

namespace torque {

Result<void> run_show(const ShowOptions& options) {
    if (options.list_columns) return write_output(options.output, table_columns_text());
    const Result<Columns> columns = parse_table_columns(options.columns, !options.layout.empty());
    if (!columns) return tl::unexpected<Error>(columns.error());
    std::optional<Layout> plan;
    if (!options.layout.empty()) {
        Result<Layout> layout = read_layout(options.layout);
        if (!layout) return tl::unexpected<Error>(layout.error());
        plan = std::move(*layout);
    }
    Measured measured;
    const Result<Machine> machine =
        read_machine(options.input, [&](const Host* host, Machine& built) -> Result<void> {
            if (!options.measured.empty()) {
                auto read = read_measured(options.measured, built);
                if (!read) return tl::unexpected<Error>(read.error());
                measured = *std::move(read);
                find_measured_differences(measured, built);
            }
            if (options.compare.empty()) return {};
            return add_second_opinion(options.compare, host, built);
        });
    if (!machine) return tl::unexpected<Error>(machine.error());
    const Layout* const layout = plan ? &*plan : nullptr;
    if (layout != nullptr) {
        if (const auto same = refuse_other_machine(*layout, *machine, options.layout, ""); !same) return same;
    }
    const auto style = [&] {
        TreeStyle terminal = terminal_style(options.output == "-" ? STDOUT_FILENO : -1);
        terminal.sources = options.verbose;
        return terminal;
    };
    const auto text = [&]() -> std::string {
        switch (options.format) {
            case ShowFormat::json:
                return machine_json(*machine);
            case ShowFormat::svg:
                return render_svg(*machine, layout);
            case ShowFormat::html:
                return render_html(*machine, layout, measured.cores ? &*measured.cores : nullptr);
            case ShowFormat::box:
                return render_box(*machine, layout, style());
            case ShowFormat::table:
                return render_table(*machine, layout, *columns);
            case ShowFormat::matrix:
                return render_matrix(*machine, style());
            case ShowFormat::tree:
                break;
        }
        return render_tree(*machine, style());
    };
    return write_output(options.output, text());
}

}  // namespace torque
