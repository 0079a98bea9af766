#include "tune/check.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "cli/commands.h"
#include "cli/other_machine.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "layout/json_text.h"
#include "machine/build.h"
#include "render/text.h"
#include "sys/host.h"
#include "torque/discover.h"

namespace torque {
namespace {

using tune::CheckReport;
using tune::CheckRow;
using tune::CheckStatus;

struct StatusWord {
    CheckStatus status;
    const char* text;  // in the text
    const char* word;  // in the document
    Tone tone;
};

constexpr StatusWord kStatusWords[] = {
    {CheckStatus::drift, "drift", "drift", Tone::problem},
    {CheckStatus::not_checked, "not checked", "not-checked", Tone::notice},
    {CheckStatus::ok, "ok", "ok", Tone::plain},
};

const char* word_of(CheckStatus status) {
    for (const StatusWord& one : kStatusWords) {
        if (one.status == status) return one.word;
    }
    return "";
}

std::string check_json(const CheckReport& report, const std::string& machine) {
    JsonText out;
    out.begin_object(JsonText::Form::lines).member("schema", "torque.check/1").member("machine", machine);
    out.key("totals").begin_object();
    out.member("ok", tune::count(report, CheckStatus::ok));
    out.member("drift", tune::count(report, CheckStatus::drift));
    out.member("not_checked", tune::count(report, CheckStatus::not_checked)).end();
    out.table("checks", report.rows, [](JsonText& json, const CheckRow& row) {
        json.begin_object().member("id", row.id).member("status", word_of(row.status));
        json.member("expected", row.expected).member("found", unless_empty(row.found));
        json.member("source", row.source).member("why", unless_empty(row.why));
        json.member("mend", unless_empty(row.mend)).end();
    });
    return out.end().take();
}

// Drifts one by one, each with what mends it.
void put_drifts(Page& page, const CheckReport& report) {
    for (const CheckRow& row : report.rows) {
        if (row.status != CheckStatus::drift) continue;
        page.put({{"drift  ", Tone::problem}, {row.id, Tone::strong}, {"  " + row.source, Tone::faint}});
        const std::pair<const char*, const std::string&> parts[] = {
            {"  expected  ", row.expected}, {"  found     ", row.found}, {"  mend      ", row.mend}};
        for (const auto& part : parts) {
            page.put_wrapped(text(part.first, Tone::faint), text(std::string(12, ' ')), text(part.second));
        }
    }
}

// The others in a table, with what was found, or why nothing was.
void put_others(Page& page, const CheckReport& report) {
    std::vector<std::vector<Line>> rows;
    for (const StatusWord& one : kStatusWords) {
        if (one.status == CheckStatus::drift) continue;
        for (const CheckRow& row : report.rows) {
            if (row.status != one.status) continue;
            rows.push_back({text(one.text, one.tone), text(row.id),
                            text(row.status == CheckStatus::ok ? row.found : row.why),
                            text(row.source, Tone::faint)});
        }
    }
    if (rows.empty()) return;
    if (!page.out.empty()) page.put({});
    put_table(page, {{""}, {""}, {"", false, true}, {"", false, true, true}}, rows);
}

std::string check_text(const CheckReport& report, const TreeStyle& style) {
    Page page(style);
    put_drifts(page, report);
    put_others(page, report);
    page.put({});
    const int drifts = tune::count(report, CheckStatus::drift);
    page.put({{fmt::format("{} ok, ", tune::count(report, CheckStatus::ok))},
              {fmt::format("{} drift", drifts), drifts > 0 ? Tone::problem : Tone::plain},
              {fmt::format(", {} not checked", tune::count(report, CheckStatus::not_checked))}});
    return std::move(page.out);
}

}  // namespace

Result<ExitStatus> run_check(const CheckOptions& options) {
    const Result<Layout> layout = read_layout(options.layout);
    if (!layout) return tl::unexpected<Error>(layout.error());
    const Result<Host> host = options.input.empty() ? Result<Host>(live_host()) : open_host(options.input);
    if (!host) return tl::unexpected<Error>(host.error());
    if (host->root == nullptr) {
        return fail("it has no files of a kernel to check", host->name,
                    "a folder or an archive that holds sys/ and proc/ would do");
    }
    const Result<Machine> machine = build_machine(*host);
    if (!machine) return tl::unexpected<Error>(machine.error());
    if (const auto same = refuse_other_machine(*layout, *machine, options.layout, "check");
        !same && !options.force)
        return tl::unexpected<Error>(same.error());
    tune::CheckSubject subject{*layout, *machine, *host};
    if (options.wait) subject.wait_a_second = [] { std::this_thread::sleep_for(std::chrono::seconds(1)); };
    const CheckReport report = tune::check(subject);
    const TreeStyle style = terminal_style(options.output == "-" ? STDOUT_FILENO : -1);
    const std::string text =
        options.json ? check_json(report, machine->host.source) : check_text(report, style);
    if (const auto written = write_output(options.output, text); !written)
        return tl::unexpected<Error>(written.error());
    return tune::count(report, CheckStatus::drift) > 0 ? kExitFound : kExitOk;
}

}  // namespace torque
