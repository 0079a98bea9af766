
#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "cli/measure_cache_live.h"
#include "cli/measure_kinds.h"
#include "render/figure.h"
#include "render/scale.h"
#include "render/text.h"

namespace torque {
namespace {

using measure::Curve;
using measure::Curves;
using measure::Knee;
using measure::Order;
using measure::Verdict;

constexpr const char* kOrders[] = {"near", "far", "pages"};

struct VerdictWords {
    Verdict verdict;
    const char *word, *text;
    Tone tone;
};
constexpr VerdictWords kVerdicts[] = {
    {Verdict::confirmed, "confirmed", "as declared", Tone::plain},
    {Verdict::differs, "differs", "differs", Tone::notice},
    {Verdict::not_seen, "not-seen", "not seen", Tone::notice},
    {Verdict::not_reached, "not-reached", "not reached", Tone::faint},
};

const VerdictWords& words_of(Verdict verdict) {
    return kVerdicts[static_cast<std::size_t>(verdict)];
}

// To a picosecond: what is beyond that is noise.
double rounded(double ns) {
    return std::round(ns * 1000) / 1000;
}

void write_point(JsonText& out, const measure::Point& point) {
    out.begin_object().member("size", point.size).member("latency_ns", rounded(point.ns));
    out.member("spread_ns", rounded(point.spread_ns)).member("samples", point.samples).end();
}

void write_curves(JsonText& out, const Curves& curves) {
    out.begin_object(JsonText::Form::lines);
    out.member("order", kOrders[static_cast<std::size_t>(curves.way.order)]);
    out.member("pages", curves.way.pages == PageWish::huge ? "huge" : "base");
    out.member("reserved", curves.is_reserved).member("huge_share", curves.huge_share);
    out.member("unit", curves.way.order == Order::pages ? "pages" : "bytes");
    out.member("passes", curves.passes.size());
    out.table("points", curves.quickest, write_point).end();
}

void write_knee(JsonText& out, const Knee& knee) {
    out.begin_object().member("at", rounded(knee.at)).member("from", knee.from).member("to", knee.to);
    out.member("before_ns", rounded(knee.before_ns))
        .member("after_ns", rounded(knee.after_ns))
        .member("open", knee.is_open)
        .end();
}

void write_levels(JsonText& out, const char* name, const char* unit, const std::vector<DeclaredLevel>& levels,
                  const std::vector<Knee>& knees) {
    out.table(name, levels, [&](JsonText& row, const DeclaredLevel& level) {
        const Knee* knee = level.claim.knee ? &knees[*level.claim.knee] : nullptr;
        const auto known = [&](double value) { return knee ? std::optional(value) : std::nullopt; };
        row.begin_object().member("level", level.level).member("type", level.type);
        row.member(formatted("declared_{}", unit), static_cast<std::uint64_t>(level.claim.declared));
        row.member(formatted("measured_{}", unit), known(knee ? rounded(knee->at) : 0));
        row.member("latency_ns", known(knee ? rounded(knee->before_ns) : 0));
        row.member("verdict", words_of(level.claim.verdict).word);
        row.member("confidence", known(level.confidence)).end();
    });
}

void write_cpu(JsonText& out, const CpuCaches& found) {
    out.begin_object(JsonText::Form::lines).member("cpu", found.cpu).member("like", found.like);
    out.member("line_bytes", found.line_bytes).member("page_bytes", found.page_bytes);
    out.member("clock_ns", found.sets.clock_ns).member("bytes_max", found.sets.bytes_max);
    write_levels(out, "caches", "bytes", found.caches, found.cache_knees);
    write_levels(out, "tlbs", "pages", found.tlbs, found.tlb_knees);
    out.table("cache_knees", found.cache_knees, write_knee).table("tlb_knees", found.tlb_knees, write_knee);
    out.table("curves", found.sets.curves, write_curves).end();
}

std::string cache_json(const LiveCaches& live) {
    JsonText out = begin_measured("cache", "live", live.cpus, live.fingerprint);
    write_disturbance(out, live.disturbance);
    out.table("measured", live.measured, write_cpu);
    return out.end().take();
}

// "L1d", "L2".
std::string name_of(const DeclaredLevel& level) {
    return formatted("L{}{}", level.level, level.type == "data" ? "d" : "");
}

Line latency_text(double ns) {
    return text(quantity_text(Quantity::count, ns) + " ns");
}

// Bytes of a cache, pages of a TLB.
using SizeText = std::string (*)(double);

std::vector<std::vector<Line>> rows_of(const Page& page, const std::vector<DeclaredLevel>& levels,
                                       const std::vector<Knee>& knees, std::size_t passes,
                                       SizeText size_text) {
    std::vector<std::vector<Line>> rows;
    for (const DeclaredLevel& level : levels) {
        const VerdictWords& words = words_of(level.claim.verdict);
        std::vector<Line> row{text(name_of(level), Tone::cache), text(size_text(level.claim.declared))};
        if (level.claim.knee) {
            const Knee& knee = knees[*level.claim.knee];
            const auto agreeing = static_cast<int>(level.confidence * static_cast<double>(passes) + 0.5);
            row.insert(row.end(),
                       {text(size_text(knee.at)), latency_text(knee.before_ns), text(words.text, words.tone),
                        text(formatted("{} of {}", agreeing, passes))});
        } else {
            const Line none = text(std::string(page.glyph.none), Tone::faint);
            row.insert(row.end(), {none, none, text(words.text, words.tone), none});
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

std::string bytes_text(double bytes) {
    std::string text = quantity_text(Quantity::bytes, bytes) + "iB";
    return text.insert(text.size() - 3, " ");
}

std::string pages_text(double pages) {
    return quantity_text(Quantity::pages, pages);
}

void put_levels(Page& page, const CpuCaches& found) {
    constexpr const char* kUnknown = "no sizes are declared";
    const Curves &near = found.curves(Order::near, PageWish::huge),
                 &pages = found.curves(Order::pages, PageWish::base);
    const std::vector<Column> columns{{""},
                                      {"declared", true},
                                      {"measured", true},
                                      {"a load", true},
                                      {"it is"},
                                      {"passes that agree", false, false, true}};
    page.section("Caches");
    auto rows = rows_of(page, found.caches, found.cache_knees, near.passes.size(), bytes_text);
    if (rows.empty()) page.put(text(formatted("  {}", kUnknown), Tone::notice));
    if (!found.cache_knees.empty()) {
        const Line none;
        rows.push_back({text("beyond", Tone::faint), none, none,
                        latency_text(found.cache_knees.back().after_ns), none, none});
    }
    put_table(page, columns, rows);
    page.section(formatted("TLBs, in pages of {}", bytes_text(static_cast<double>(found.page_bytes))));
    if (found.tlbs.empty()) page.put(text(formatted("  {}", kUnknown), Tone::notice));
    put_table(page, columns, rows_of(page, found.tlbs, found.tlb_knees, pages.passes.size(), pages_text));
}

void put_note(Page& page, const std::string& words) {
    page.put_wrapped(text("  "), text("  "), text(words));
}

// Why a knee may be where nobody declared it, and what huge pages are worth.
void put_notes(Page& page, const CpuCaches& found, bool is_guest) {
    const bool is_smaller =
        std::any_of(found.caches.begin(), found.caches.end(), [&](const DeclaredLevel& level) {
            return level.claim.verdict == Verdict::differs &&
                   found.cache_knees[*level.claim.knee].at < level.claim.declared;
        });
    page.put({});
    if (is_smaller && is_guest) {
        put_note(page,
                 "A cache is smaller than declared: others on this host use it too, or the hypervisor gives "
                 "a part of it.");
    } else if (is_smaller) {
        put_note(page,
                 "A cache is smaller than declared: other programs use it too, or a part of it is reserved "
                 "(resctrl).");
    }
    const Curves &base = found.curves(Order::pages, PageWish::base),
                 &huge = found.curves(Order::pages, PageWish::huge);
    const std::size_t common = std::min(base.quickest.size(), huge.quickest.size());
    if (huge.huge_share.value_or(1) < 0.9) {
        put_note(
            page,
            formatted("The kernel gave huge pages for {:.0f} % of the memory only: nothing is said of them.",
                      *huge.huge_share * 100));
    } else if (common > 0) {
        const measure::Point &small = base.quickest[common - 1], &large = huge.quickest[common - 1];
        put_note(page,
                 formatted("A line in each of {} pages: {:.1f} ns a load, and {:.1f} ns in huge pages{}.",
                           small.size, small.ns, large.ns,
                           small.ns < large.ns * 1.5 && is_guest
                               ? ", which gain little: the hypervisor's own pages are small"
                               : ""));
    }
}

std::string cache_text(const LiveCaches& live, const TreeStyle& style) {
    Page page(style);
    for (const CpuCaches& found : live.measured) {
        if (!page.out.empty()) page.put({});
        const Curves& near = found.curves(Order::near, PageWish::huge);
        const double last = near.quickest.empty() ? 0 : static_cast<double>(near.quickest.back().size);
        page.put({{formatted("CPU {}", found.cpu), Tone::strong},
                  {formatted(", as CPUs {}; measured up to {}{}", found.like.list(), bytes_text(last),
                             near.is_reserved ? " in reserved huge pages" : "")}});
        put_levels(page, found);
        put_notes(page, found, live.is_guest);
    }
    put_disturbance(page, live.disturbance);
    return std::move(page.out);
}

struct SeriesRow {
    Order order;
    PageWish pages;
    const char* name;
};
constexpr SeriesRow kMemoryCurves[] = {
    {Order::near, PageWish::huge, "128 KiB at a time"},
    {Order::far, PageWish::base, "all over, small pages"},
    {Order::far, PageWish::huge, "all over, huge pages"},
};
constexpr SeriesRow kPageCurves[] = {
    {Order::pages, PageWish::base, "small pages"},
    {Order::pages, PageWish::huge, "huge pages"},
};

void add_series(const CpuCaches& found, const SeriesRow& row, Plot& plot) {
    Series series{row.name, {}};
    for (const measure::Point& point : found.curves(row.order, row.pages).quickest) {
        series.dots.push_back({static_cast<double>(point.size), std::max(point.ns, 0.01)});
    }
    plot.series.push_back(std::move(series));
}

std::vector<Figure> cache_figures(const LiveCaches& live) {
    std::vector<Figure> figures;
    for (const CpuCaches& found : live.measured) {
        Plot memory{formatted("CPU {}: a load by how much memory is used", found.cpu),
                    "memory",
                    "ns",
                    Quantity::bytes,
                    Quantity::ns,
                    {},
                    {}};
        for (const SeriesRow& row : kMemoryCurves) add_series(found, row, memory);
        for (const DeclaredLevel& level : found.caches)
            memory.marks.push_back({level.claim.declared, name_of(level)});
        Plot pages{formatted("CPU {}: a load by how many pages are used, one line of each", found.cpu),
                   "pages of " + bytes_text(static_cast<double>(found.page_bytes)),
                   "ns",
                   Quantity::pages,
                   Quantity::ns,
                   {},
                   {}};
        for (const SeriesRow& row : kPageCurves) add_series(found, row, pages);
        for (const DeclaredLevel& level : found.tlbs)
            pages.marks.push_back({level.claim.declared, formatted("L{} TLB", level.level)});
        figures.push_back(std::move(memory));
        figures.push_back(std::move(pages));
    }
    return figures;
}

}  // namespace

Result<MeasureReport> measure_cache(const MeasureOptions& options) {
    auto live = measure_caches_here(options);
    if (!live) return tl::unexpected<Error>(live.error());
    return MeasureReport{[live = *live] { return cache_json(live); },
                         [live = *live](const TreeStyle& style) { return cache_text(live, style); },
                         [live = *live] { return cache_figures(live); }};
}

}  // namespace torque
