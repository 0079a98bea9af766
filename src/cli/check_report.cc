#include "cli/check_report.h"

#include <algorithm>

#include "base/format.h"
#include "base/parse.h"
#include "layout/json_text.h"
#include "render/text.h"

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

void write_check(JsonText& out, const CheckedMachine& machine) {
    const CheckReport& report = machine.report;
    out.begin_object(JsonText::Form::lines)
        .member("schema", "torque.check/1")
        .member("machine", machine.name);
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
    out.end();
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

Line totals(const CheckReport& report) {
    const int drifts = tune::count(report, CheckStatus::drift);
    return {{formatted("{} ok, ", tune::count(report, CheckStatus::ok))},
            {formatted("{} drift", drifts), drifts > 0 ? Tone::problem : Tone::plain},
            {formatted(", {} not checked", tune::count(report, CheckStatus::not_checked))}};
}

int count_drifted(const std::vector<CheckedMachine>& fleet) {
    return static_cast<int>(std::count_if(fleet.begin(), fleet.end(), has_drift));
}

}  // namespace

bool has_drift(const CheckedMachine& machine) {
    return tune::count(machine.report, CheckStatus::drift) > 0;
}

std::string check_text(const CheckedMachine& machine, const TreeStyle& style) {
    Page page(style);
    put_drifts(page, machine.report);
    put_others(page, machine.report);
    page.put({});
    page.put(totals(machine.report));
    return std::move(page.out);
}

std::string check_json(const CheckedMachine& machine) {
    JsonText out;
    write_check(out, machine);
    return out.take();
}

std::string fleet_check_text(const std::vector<CheckedMachine>& fleet, const TreeStyle& style) {
    constexpr std::size_t kNameMax = 200;
    Page page(style);
    for (const CheckedMachine& machine : fleet) {
        Line line = {{printable(machine.name, kNameMax), Tone::strong}, {"  "}};
        for (const Span& span : totals(machine.report)) line.push_back(span);
        page.put(line);
        put_drifts(page, machine.report);
        if (has_drift(machine)) page.put({});
    }
    const int drifted = count_drifted(fleet);
    page.put({{formatted("{} machines, ", fleet.size())},
              {formatted("{} drifted", drifted), drifted > 0 ? Tone::problem : Tone::plain}});
    return std::move(page.out);
}

std::string fleet_check_json(const std::vector<CheckedMachine>& fleet) {
    JsonText out;
    out.begin_object(JsonText::Form::lines).member("schema", "torque.fleet-check/1");
    out.key("totals")
        .begin_object()
        .member("machines", fleet.size())
        .member("drifted", count_drifted(fleet))
        .end();
    out.table("targets", fleet, write_check);
    return out.end().take();
}

}  // namespace torque
