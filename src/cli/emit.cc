
#include <algorithm>
#include <vector>

#include "base/format.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "emit/formats.h"
#include "layout/json_text.h"
#include "torque/discover.h"

namespace torque {
namespace {

using emit::Format;

std::string list_json() {
    const std::vector<Format> formats(emit::formats().begin(), emit::formats().end());
    JsonText out;
    out.begin_object(JsonText::Form::lines).member("schema", "torque.formats/1");
    out.table("formats", formats, [](JsonText& row, const Format& format) {
        row.begin_object().member("name", format.name).member("program", format.program);
        row.member("description", format.what).key("file");
        format.file.empty() ? row.null() : row.value(format.file);
        row.end();
    });
    return out.end().take();
}

std::string list_text() {
    std::size_t name_width = 0, program_width = 0;
    for (const Format& format : emit::formats()) {
        name_width = std::max(name_width, format.name.size());
        program_width = std::max(program_width, format.program.size());
    }
    std::string text;
    for (const Format& format : emit::formats()) {
        text += formatted("{:<{}}  {:<{}}  {}\n", format.name, name_width, format.program, program_width,
                          format.what);
    }
    return text;
}

}  // namespace

Result<void> run_emit(const EmitOptions& options) {
    if (options.format.empty()) {
        return write_output(options.output, options.json ? list_json() : list_text());
    }
    const Result<const Format*> format = emit::find_format(options.format);
    if (!format) return tl::unexpected<Error>(format.error());
    if (options.layout.empty()) {
        return fail(
            "which layout? --layout is missing", {},
            formatted("torque-topo emit {} --layout layout.json; - is standard input", options.format),
            ErrorKind::usage);
    }
    const Result<Layout> layout = read_layout(options.layout);
    if (!layout) return tl::unexpected<Error>(layout.error());
    Result<std::string> text = emit::write_format(**format, *layout);
    if (!text) {
        Error error = text.error();
        const std::string file = options.layout == "-" ? "standard input" : options.layout;
        error.where = error.where.empty() ? file : file + ": " + error.where;
        return tl::unexpected<Error>(std::move(error));
    }
    return write_output(options.output, *text);
}

}  // namespace torque
