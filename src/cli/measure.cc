#include <unistd.h>

#include "cli/commands.h"
#include "cli/measure_kinds.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "render/figure.h"

namespace torque {
namespace {

constexpr int kPageWidth = 110;  // of the text on a page of HTML

std::string text_of(const MeasureReport& report, const TreeStyle& style) {
    Page page(style);
    page.out = report.text(style);
    if (report.is_drawn_in_text) return std::move(page.out);
    for (const Figure& figure : report.figures()) put_figure(page, figure);
    return std::move(page.out);
}

std::string drawn(const MeasureReport& report, const MeasureOptions& options) {
    const std::string title = "torque-topo measure " + options.kind;
    if (options.format == MeasureFormat::svg) return figures_svg(title, report.figures());
    TreeStyle style;
    style.colour = false;
    style.width = kPageWidth;
    return figures_html(title, report.figures(), report.text(style));
}

}  // namespace

Result<void> run_measure(const MeasureOptions& options) {
    const auto report = measure_kind(options.kind)->measure(options);
    if (!report) return tl::unexpected<Error>(report.error());
    if (options.format == MeasureFormat::json) return write_output(options.output, report->json());
    if (options.format == MeasureFormat::text) {
        const TreeStyle style = terminal_style(options.output == "-" ? STDOUT_FILENO : -1);
        return write_output(options.output, text_of(*report, style));
    }
    return write_output(options.output, drawn(*report, options));
}

}  // namespace torque
