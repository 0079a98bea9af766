
#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "cli/measure_kinds.h"
#include "cli/measure_memory_live.h"
#include "render/figure.h"
#include "render/scale.h"
#include "render/text.h"

namespace torque {
namespace {

using measure::MemoryCell;
using measure::PagePlacement;
using measure::RankAgreement;

bool is_measured(const MemoryCell& cell) {
    return cell.latency_ns.samples > 0;
}

// "there", "elsewhere": what was measured is another node's memory; null: nobody tells.
std::optional<const char*> placement_word(const PagePlacement& placement) {
    if (placement.by.empty()) return std::nullopt;
    return placement.elsewhere == 0 ? "there" : "elsewhere";
}

double rounded(double value) {
    return std::round(value * 1000) / 1000;
}

void write_cell(JsonText& out, const MemoryCell& cell, const DeclaredCell& declared) {
    const bool has = is_measured(cell);
    const auto known = [&](double value) { return has ? std::optional(value) : std::nullopt; };
    out.begin_object(JsonText::Form::lines);
    out.member("cpu_node", cell.from).member("memory_node", cell.to);
    out.member("cpu", cell.cpu).member("cpus", cell.cpus).member("bytes", cell.bytes);
    out.member("cache_bytes", cell.cache_bytes).member("huge_share", cell.huge_share);
    out.member("latency_ns", known(rounded(cell.latency_ns.median)));
    out.member("latency_spread_ns", known(rounded(cell.latency_ns.spread)));
    out.member("samples", cell.latency_ns.samples);
    out.member("read_bytes_per_s", known(std::round(cell.read_bytes_per_s.median)));
    out.member("read_spread_bytes_per_s", known(std::round(cell.read_bytes_per_s.spread)));
    out.member("placement", placement_word(cell.placement));
    out.member("placement_source", unless_empty(cell.placement.by));
    out.member("pages", cell.placement.pages).member("pages_elsewhere", cell.placement.elsewhere);
    out.member("declared_distance", declared.distance);
    out.member("declared_latency_ns", declared.read_latency_ns);
    out.member("declared_bytes_per_s", declared.read_bytes_per_s);
    out.member("reason", unless_empty(cell.reason)).end();
}

void write_agreement(JsonText& out, const char* name, const RankAgreement& agreement) {
    out.key(name).begin_object().member("agreeing", agreement.agreeing);
    out.member("contradicting", agreement.contradicting).member("undecided", agreement.undecided);
    out.member("unsaid", agreement.unsaid).end();
}

std::string memory_json(const LiveMemory& live) {
    JsonText out = begin_measured("memory", "live", live.cpus, live.fingerprint);
    write_disturbance(out, live.found.disturbance);
    out.member("clock_ns", live.found.clock_ns);
    write_agreement(out, "slit", live.by_distance);
    write_agreement(out, "hmat", live.by_hmat);
    out.key("cells").begin_list(JsonText::Form::lines);
    for (std::size_t i = 0; i < live.found.cells.size(); ++i)
        write_cell(out, live.found.cells[i], live.declared[i]);
    return out.end().end().take();
}

std::string node_text(const std::optional<NodeId>& node) {
    return node ? formatted("node {}", node->value) : "machine";
}

std::string rate_text(double bytes_per_s) {
    return formatted("{:.1f} GB/s", bytes_per_s / 1e9);
}

Span placement_text(const PagePlacement& placement) {
    if (placement.by.empty()) return {"not verified", Tone::notice};
    if (placement.elsewhere > 0)
        return {formatted("{} of {} pages are elsewhere", placement.elsewhere, placement.pages),
                Tone::problem};
    return {formatted("all {} pages are there", placement.pages)};
}

std::vector<Line> row_of(const MemoryCell& cell, const DeclaredCell& declared, const Glyphs& glyph) {
    const Line none = text(std::string(glyph.none), Tone::faint);
    std::vector<Line> row{text(node_text(cell.from), Tone::place), text(node_text(cell.to), Tone::place)};
    if (is_measured(cell)) {
        row.push_back(text(quantity_text(Quantity::count, cell.latency_ns.median) + " ns", Tone::strong));
        row.push_back(text(rate_text(cell.read_bytes_per_s.median), Tone::strong));
        row.push_back(text(formatted("{} CPUs", cell.cpus.count())));
        row.push_back({placement_text(cell.placement)});
    } else {
        row.insert(row.end(), {none, none, none, text(clean(cell.reason), Tone::notice)});
    }
    row.push_back(declared.distance ? text(formatted("{}", *declared.distance)) : none);
    row.push_back(declared.read_latency_ns ? text(formatted("{} ns", *declared.read_latency_ns)) : none);
    row.push_back(declared.read_bytes_per_s ? text(rate_text(static_cast<double>(*declared.read_bytes_per_s)))
                                            : none);
    return row;
}

void put_note(Page& page, const std::string& words, Tone tone = Tone::plain) {
    page.put_wrapped(text("  "), text("  "), text(words, tone));
}

// What an order that firmware declares is worth.
void put_agreement(Page& page, const char* who, const RankAgreement& agreement) {
    const int said = agreement.agreeing + agreement.contradicting + agreement.undecided;
    if (said > 0) {
        put_note(
            page,
            formatted("{} put {} of {} pairs of memory nodes into the order that was measured, {} into the "
                      "opposite; {} are too near to tell.",
                      who, agreement.agreeing, said, agreement.contradicting, agreement.undecided),
            agreement.contradicting > 0 ? Tone::notice : Tone::plain);
    }
    if (agreement.unsaid > 0) {
        put_note(page,
                 formatted("{} make {} pairs equal that were measured to differ.", who, agreement.unsaid),
                 Tone::notice);
    }
}

void put_notes(Page& page, const LiveMemory& live) {
    std::size_t bytes = 0;
    bool is_small = false;
    for (const MemoryCell& cell : live.found.cells) {
        bytes = std::max(bytes, cell.bytes);
        is_small = is_small || (is_measured(cell) && cell.bytes < 2 * cell.cache_bytes);
    }
    page.put({});
    if (bytes > 0) put_note(page, formatted("{} MiB at most were in use at a time.", bytes >> 20));
    if (is_small)
        put_note(page,
                 "The caches hold much of that: memory is slower than it looks here, which more free memory "
                 "would show.",
                 Tone::notice);
    if (live.cpuless > 0)
        put_note(page,
                 formatted("{} without CPUs: memory only.",
                           live.cpuless == 1 ? "One node is" : formatted("{} nodes are", live.cpuless)));
    if (live.memoryless > 0)
        put_note(page, formatted("{} without memory: CPUs only.",
                                 live.memoryless == 1 ? "One node is"
                                                      : formatted("{} nodes are", live.memoryless)));
    put_agreement(page, "The firmware's distances (SLIT)", live.by_distance);
    put_agreement(page, "The firmware's latencies (HMAT)", live.by_hmat);
}

std::string memory_text(const LiveMemory& live, const TreeStyle& style) {
    Page page(style);
    const std::vector<Column> columns{{"CPUs of"},    {"memory of"},  {"a load", true},
                                      {"read", true}, {"by", true},   {"pages", false, true},
                                      {"SLIT", true}, {"HMAT", true}, {"HMAT", true}};
    std::vector<std::vector<Line>> rows;
    for (std::size_t i = 0; i < live.found.cells.size(); ++i)
        rows.push_back(row_of(live.found.cells[i], live.declared[i], page.glyph));
    put_table(page, columns, rows);
    put_notes(page, live);
    put_disturbance(page, live.found.disturbance);
    return std::move(page.out);
}

// One row for each CPU node, one column for each memory node.
HeatMap heat_of(const LiveMemory& live, const char* title, const char* unit,
                double (*value)(const MemoryCell&)) {
    HeatMap map{title, "CPUs", "memory", unit, {}, {}, {}, {}, false};
    for (const MemoryCell& cell : live.found.cells) {
        const std::string from = node_text(cell.from), to = node_text(cell.to);
        if (std::find(map.rows.begin(), map.rows.end(), from) == map.rows.end()) map.rows.push_back(from);
        if (std::find(map.columns.begin(), map.columns.end(), to) == map.columns.end())
            map.columns.push_back(to);
    }
    for (std::size_t row = 0; row < map.rows.size(); ++row) {
        for (std::size_t column = 0; column < map.columns.size(); ++column) {
            const MemoryCell& cell = live.found.cells[row * map.columns.size() + column];
            map.values.push_back(is_measured(cell) ? std::optional(value(cell)) : std::nullopt);
        }
    }
    return map;
}

std::vector<Figure> memory_figures(const LiveMemory& live) {
    HeatMap latency = heat_of(live, "A load from memory", "ns",
                              [](const MemoryCell& cell) { return cell.latency_ns.median; });
    HeatMap rate = heat_of(live, "Read by all CPUs of a node", "GB/s",
                           [](const MemoryCell& cell) { return cell.read_bytes_per_s.median / 1e9; });
    rate.more_is_better = true;
    return {std::move(latency), std::move(rate)};
}

}  // namespace

Result<MeasureReport> measure_memory(const MeasureOptions& options) {
    auto live = measure_memory_here(options);
    if (!live) return tl::unexpected<Error>(live.error());
    return MeasureReport{[live = *live] { return memory_json(live); },
                         [live = *live](const TreeStyle& style) { return memory_text(live, style); },
                         [live = *live] { return memory_figures(live); }};
}

}  // namespace torque
