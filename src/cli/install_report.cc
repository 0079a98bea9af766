#include "cli/install_report.h"

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

constexpr std::size_t kShownMax = 400;  // characters of a line

// Is it made by a program, so that what comes is not known before?
bool is_made(const InstallReport& report, const ChangeRow& row) {
    return !report.acted && row.state == ChangeState::planned && !row.wanted && !report.commands.empty() &&
           &row == &report.rows.back();
}

const char* action_of(const InstallReport& report, const ChangeRow& row) {
    if (row.state == ChangeState::kept) return "keep";
    if (is_made(report, row)) return "generate";
    if (!row.wanted) return "remove";
    return row.now ? "replace" : "make";
}

std::string report_json(const InstallReport& report) {
    JsonText out;
    out.begin_object(JsonText::Form::lines).member("schema", "torque.install/1");
    out.member("command", report.command).member("machine", report.machine).member("loader", report.loader);
    out.member("trial", report.is_trial).member("entry", unless_empty(report.entry));
    out.member("journal", report.journal).member("acted", report.acted).member("commands", report.commands);
    out.table("changes", report.rows, [&](JsonText& json, const ChangeRow& row) {
        json.begin_object().member("path", row.path).member("action", action_of(report, row));
        json.member("before", row.now).member("after", row.wanted).member("why", row.why).end();
    });
    return out.end().take();
}

std::vector<std::string_view> lines_of(const std::optional<std::string>& text) {
    std::vector<std::string_view> lines;
    for (std::string_view rest = text ? std::string_view(*text) : std::string_view(); !rest.empty();)
        lines.push_back(take_line(rest));
    return lines;
}

// The lines of one change, as diff -u shows them: changes are in one place of a file each.
void put_difference(Page& page, const ChangeRow& row) {
    constexpr std::size_t kAround = 3;
    const auto before = lines_of(row.now), after = lines_of(row.wanted);
    const std::size_t least = std::min(before.size(), after.size());
    std::size_t head = 0, tail = 0;
    while (head < least && before[head] == after[head]) ++head;
    while (tail < least - head && before[before.size() - 1 - tail] == after[after.size() - 1 - tail]) ++tail;
    const auto put = [&](char mark, std::string_view line, Tone tone) {
        std::string text(line);
        std::replace(text.begin(), text.end(), '\t', ' ');
        // The filling of GRUB's environment block.
        if (text.starts_with("########")) text = "########...";
        page.put({{formatted("  {}{}", mark, printable(text, kShownMax)), tone}});
    };
    const std::size_t first = head - std::min(head, kAround);
    for (std::size_t i = first; i < head; ++i) put(' ', before[i], Tone::faint);
    for (std::size_t i = head; i < before.size() - tail; ++i) put('-', before[i], Tone::problem);
    for (std::size_t i = head; i < after.size() - tail; ++i) put('+', after[i], Tone::strong);
    for (std::size_t i = 0; i < std::min(tail, kAround); ++i)
        put(' ', before[before.size() - tail + i], Tone::faint);
}

// Texts are shown, but for those that have no lines, and menus of a thousand.
bool is_shown(const ChangeRow& row) {
    const auto is_text = [](const std::optional<std::string>& text) {
        constexpr std::size_t kBytesMax = 16 << 10;
        return !text || (text->size() <= kBytesMax && text->find('\0') == text->npos);
    };
    return !row.path.ends_with("/grub.cfg") && !row.path.ends_with("/trial.json") && is_text(row.now) &&
           is_text(row.wanted);
}

struct ActionText {
    std::string_view action;
    const char* planned;
    const char* done;
};
constexpr ActionText kActions[] = {
    {"keep", "is so", "is so"},
    {"generate", "would make anew", "made anew"},
    {"remove", "would remove", "removed"},
    {"replace", "would write", "written"},
    {"make", "would make", "made"},
};

std::string report_text(const InstallReport& report, const TreeStyle& style) {
    Page page(style);
    if (!report.entry.empty()) {
        page.put({{"boot entry  ", Tone::faint}, {clean(report.entry), Tone::strong}});
        page.put({});
    }
    for (const ChangeRow& row : report.rows) {
        const std::string_view action = action_of(report, row);
        const auto* words = std::find_if(std::begin(kActions), std::end(kActions),
                                         [=](const ActionText& one) { return one.action == action; });
        page.put({{formatted("{:<17}", report.acted ? words->done : words->planned), Tone::strong},
                  {printable(row.path, 200)},
                  {"  " + clean(row.why), Tone::faint}});
        if (row.state != ChangeState::kept && is_shown(row)) put_difference(page, row);
    }
    page.put({});
    const bool is_nothing =
        tune::count(report.rows, ChangeState::kept) == static_cast<int>(report.rows.size());
    if (is_nothing) {
        page.put(text("All of it is so already."));
    } else if (!report.acted) {
        page.put(text("Nothing was written. With --yes it is, and torque-topo revert takes it back."));
    } else if (report.is_trial) {
        page.put_wrapped({}, {},
                         text("The next boot, and no other, has the line. If it is as it should be: "
                              "torque-topo commit --yes. What was there before is in " +
                              printable(report.journal, 200) + ": torque-topo revert takes it back."));
    } else {
        page.put_wrapped({}, {},
                         text("The next boot has the line. What was there before is in " +
                              printable(report.journal, 200) + ": torque-topo revert takes it back."));
    }
    return std::move(page.out);
}

}  // namespace

Result<ExitStatus> report_install(const InstallReport& report, bool json, const std::string& output) {
    const TreeStyle style = terminal_style(output == "-" ? STDOUT_FILENO : -1);
    const auto written = write_output(output, json ? report_json(report) : report_text(report, style));
    if (!written) return tl::unexpected<Error>(written.error());
    return kExitOk;
}

}  // namespace torque
