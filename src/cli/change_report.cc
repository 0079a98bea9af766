#include "cli/change_report.h"

#include <unistd.h>

#include <algorithm>

#include "base/format.h"
#include "base/parse.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "layout/json_text.h"
#include "render/text.h"

namespace torque {
namespace {

using tune::ChangeRow;
using tune::ChangeState;

struct StateWord {
    ChangeState state;
    const char* text;   // in the text
    const char* word;   // in the document
    const char* total;  // in the last line, after the number
    Tone tone;
};

constexpr StateWord kStateWords[] = {
    {ChangeState::planned, "would write", "planned", "to write", Tone::strong},
    {ChangeState::done, "written", "done", "written", Tone::strong},
    {ChangeState::kept, "is so", "kept", "so already", Tone::plain},
    {ChangeState::spared, "spared", "spared", "left to the kernel", Tone::faint},
    {ChangeState::missing, "no file", "missing", "not there", Tone::faint},
    {ChangeState::foreign, "not ours", "foreign", "changed by others", Tone::problem},
    {ChangeState::failed, "failed", "failed", "failed", Tone::problem},
};

const StateWord& word_of(ChangeState state) {
    return *std::find_if(std::begin(kStateWords), std::end(kStateWords),
                         [=](const StateWord& one) { return one.state == state; });
}

std::string report_json(const ChangeReport& report) {
    JsonText out;
    out.begin_object(JsonText::Form::lines).member("schema", "torque.apply/1");
    out.member("command", report.command).member("machine", report.machine);
    out.member("journal", report.journal).member("acted", report.acted);
    out.key("totals").begin_object();
    for (const StateWord& one : kStateWords) out.member(one.word, tune::count(report.rows, one.state));
    out.end();
    out.table("changes", report.rows, [](JsonText& json, const ChangeRow& row) {
        json.begin_object().member("path", row.path).member("state", word_of(row.state).word);
        json.member("now", row.now).member("wanted", row.wanted).member("found", row.found);
        json.member("why", row.why).member("note", unless_empty(row.note)).end();
    });
    return out.end().take();
}

std::string value_text(const std::optional<std::string>& value) {
    constexpr std::size_t kTextMax = 200;
    if (!value) return "-";
    const auto lines = std::count(value->begin(), value->end(), '\n');
    if (lines > 1) return formatted("{} lines", lines);
    return value->empty() ? "\"\"" : printable(*value, kTextMax);
}

void put_totals(Page& page, const ChangeReport& report) {
    std::string totals;
    for (const StateWord& one : kStateWords) {
        const int rows = tune::count(report.rows, one.state);
        if (rows > 0) totals += formatted("{}{} {}", totals.empty() ? "" : ", ", rows, one.total);
    }
    page.put(text(totals));
    const bool is_revert = report.command == "revert";
    if (!report.acted && tune::count(report.rows, ChangeState::planned) > 0) {
        page.put(text(formatted("Nothing was written. With --yes it is{}.",
                                is_revert ? "" : ", and torque-topo revert takes it back")));
    } else if (!is_revert && tune::count(report.rows, ChangeState::done) > 0) {
        page.put(text(formatted("What was there before is in {}: torque-topo revert takes it back.",
                                printable(report.journal, 200))));
    }
}

// The first column.
std::string label(const ChangeReport& report, const ChangeRow& row) {
    const bool is_revert = report.command == "revert";
    if (row.state == ChangeState::failed && !report.acted) return "cannot";
    const bool is_folder = !row.wanted;
    if (is_folder && row.state == ChangeState::planned) return is_revert ? "would remove" : "would make";
    if (is_folder && row.state == ChangeState::done) return is_revert ? "removed" : "made";
    return word_of(row.state).text;
}

// What is written where; below it why, once for rows that follow each other for the same reason.
void put_rows(Page& page, const ChangeReport& report) {
    constexpr int kIndent = 13;
    const tune::ChangeRows& rows = report.rows;
    int path_columns = 0;
    for (const ChangeRow& row : rows)
        path_columns = std::max(path_columns, columns(printable(row.path, 200)));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const ChangeRow& row = rows[i];
        const std::string path = printable(row.path, 200);
        Line line = {{formatted("{:{}}", label(report, row), kIndent), word_of(row.state).tone},
                     {row.wanted ? formatted("{:{}}  ", path, path_columns) : path}};
        if (row.wanted) {
            const std::string wanted = value_text(row.wanted);
            const bool is_so = row.state == ChangeState::kept;
            line.push_back(
                {is_so ? wanted : formatted("{} {} {}", value_text(row.now), page.glyph.arrow, wanted)});
        }
        page.put_wrapped({}, text(std::string(kIndent + 2, ' ')), line);
        const std::string why = clean(row.note.empty() ? row.why : row.note);
        const bool is_told_below = i + 1 < rows.size() && rows[i + 1].state == row.state &&
                                   rows[i + 1].why == row.why && rows[i + 1].note == row.note;
        const Line margin = text(std::string(kIndent, ' '));
        if (!is_told_below)
            page.put_wrapped(margin, margin, text(why, row.note.empty() ? Tone::faint : Tone::notice));
    }
}

std::string report_text(const ChangeReport& report, const TreeStyle& style) {
    Page page(style);
    if (report.rows.empty()) {
        page.put(text(report.command == "revert"
                          ? "Nothing to revert: no change is in " + printable(report.journal, 200)
                          : "The layout asks for nothing that can be had without a reboot."));
        return std::move(page.out);
    }
    put_rows(page, report);
    page.put({});
    put_totals(page, report);
    return std::move(page.out);
}

}  // namespace

Result<ExitStatus> report_changes(const ChangeReport& report, bool json, const std::string& output) {
    const TreeStyle style = terminal_style(output == "-" ? STDOUT_FILENO : -1);
    const auto written = write_output(output, json ? report_json(report) : report_text(report, style));
    if (!written) return tl::unexpected<Error>(written.error());
    const int bad =
        tune::count(report.rows, ChangeState::failed) + tune::count(report.rows, ChangeState::foreign);
    if (!report.acted || bad == 0) return kExitOk;
    return fail(formatted("{} of {} files {} not as {}", bad, report.rows.size(), bad == 1 ? "is" : "are",
                          report.command == "revert" ? "they were" : "wanted"),
                {},
                report.command == "revert"
                    ? "mend what the table says and revert again: the journal keeps them"
                    : "the table says why; torque-topo revert --yes takes the others back");
}

std::string journal_path(const std::string& root, const std::string& given) {
    return given.empty() ? root + "/var/lib/torque/journal" : given;
}

std::string boot_journal_path(const std::string& root, const std::string& given) {
    return journal_path(root, given) + ".boot";
}

Result<void> needs_root(const std::string& command, const std::string& root) {
    if (!root.empty() || ::geteuid() == 0) return {};
    return fail(
        formatted("{} --yes writes files that root alone may write", command), {},
        formatted("sudo torque-topo {} ... --yes; without --yes it needs no root and shows what it would do",
                  command));
}

std::string boot_id(const Files& files) {
    return std::string(trim_space(files.read("/proc/sys/kernel/random/boot_id").bytes));
}

}  // namespace torque
