
#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "base/format.h"
#include "cli/measure_here.h"
#include "cli/measure_kinds.h"
#include "layout/measured_json.h"
#include "measure/clock.h"
#include "measure/contention.h"
#include "sys/host.h"
#include "torque/discover.h"

namespace torque {
namespace {

using measure::AloneTime;
using measure::Certainty;
using measure::Contention;
using measure::PairSpeed;
using measure::Sharing;

constexpr const char* kCertainties[] = {"sure", "likely", "none"};
constexpr std::size_t kPairsShown = 16;

struct SmtReport {
    CpuSet cpus;
    std::vector<CpuSet> declared;  // the kernel's cores with more than one of these CPUs
    Contention found;
    double clock_ns = 0;
    measure::Disturbance disturbance;
    std::string fingerprint;

    bool is_declared(const PairSpeed& pair) const {
        return std::any_of(declared.begin(), declared.end(), [&](const CpuSet& core) {
            return core.contains(pair.a) && core.contains(pair.b);
        });
    }
};

std::vector<CpuSet> declared_cores(const Machine& machine, const CpuSet& cpus) {
    std::vector<CpuSet> cores;
    for (const Core& core : machine.cores) {
        const CpuSet here = core.cpus & cpus;
        if (here.count() > 1) cores.push_back(here);
    }
    return cores;
}

std::vector<std::pair<int, int>> pairs_of(const std::vector<CpuSet>& cores) {
    std::vector<std::pair<int, int>> pairs;
    for (const CpuSet& core : cores) {
        for (const int a : core) {
            for (const int b : core) {
                if (a < b) pairs.emplace_back(a, b);
            }
        }
    }
    return pairs;
}

void write_alone(JsonText& out, const AloneTime& alone) {
    out.begin_object().member("cpu", alone.cpu).member("piece_ns", alone.piece_ns.median);
    out.member("spread_ns", alone.piece_ns.spread).member("samples", alone.piece_ns.samples).end();
}

std::string smt_json(const SmtReport& report) {
    JsonText out = begin_measured("smt", "live", report.cpus, report.fingerprint);
    write_disturbance(out, report.disturbance);
    const Contention& found = report.found;
    out.member("clock_ns", report.clock_ns).member("every_pair", found.is_every_pair);
    out.member("untried", found.untried).member("cores", found.cores()).member("declared", report.declared);
    out.table("alone", found.alone, write_alone);
    out.table("pairs", found.pairs, [&](JsonText& row, const PairSpeed& pair) {
        row.begin_object().member("a", pair.a).member("b", pair.b).member("speed", pair.speed);
        row.member("spread", pair.spread).member("samples", pair.samples);
        row.member("sharing", kSharingWords[static_cast<std::size_t>(pair.sharing)]);
        row.member("certainty", kCertainties[static_cast<std::size_t>(pair.certainty)]);
        row.member("declared", report.is_declared(pair)).end();
    });
    return out.end().take();
}

// What is not as the kernel says comes first.
int rank(const SmtReport& report, const PairSpeed& pair) {
    const bool is_declared = report.is_declared(pair);
    if (pair.sharing == Sharing::unsure) return 1;
    if ((pair.sharing == Sharing::shared) != is_declared) return 0;
    return is_declared ? 2 : 3;
}

Span verdict_of(const SmtReport& report, const PairSpeed& pair) {
    const bool is_declared = report.is_declared(pair);
    const char* likely = pair.certainty == Certainty::likely ? "likely " : "";
    switch (pair.sharing) {
        case Sharing::shared:
            if (is_declared) return {formatted("{}share a core, as the kernel says", likely)};
            return {formatted("{}share a core, and the kernel does not say so", likely), Tone::problem};
        case Sharing::apart:
            if (!is_declared) return {formatted("{}apart", likely)};
            return {formatted("{}apart, and the kernel says that they share a core", likely), Tone::problem};
        case Sharing::unsure:
            break;
    }
    return {"cannot be told", Tone::notice};
}

void put_pairs(Page& page, const SmtReport& report) {
    std::vector<PairSpeed> pairs = report.found.pairs;
    std::stable_sort(pairs.begin(), pairs.end(), [&](const PairSpeed& a, const PairSpeed& b) {
        return rank(report, a) < rank(report, b);
    });
    const std::size_t shown = std::min(pairs.size(), kPairsShown);
    std::vector<std::vector<Line>> rows;
    for (std::size_t i = 0; i < shown; ++i) {
        const PairSpeed& pair = pairs[i];
        rows.push_back(
            {text(formatted("{},{}", pair.a, pair.b), Tone::place),
             text(formatted("{:.0f} %", pair.speed * 100), Tone::strong),
             text(formatted("{}{:.1f}", page.style.unicode ? "±" : "+-", pair.spread * 50), Tone::faint),
             Line{verdict_of(report, pair)}});
    }
    put_table(page, {{"CPUs"}, {"speed", true}, {"", true}, {"", false, true}}, rows);
    if (shown < pairs.size()) {
        page.put(text(formatted("  and {} pairs more, which are as the kernel says or hard to tell; "
                                "--json has all",
                                pairs.size() - shown),
                      Tone::faint));
    }
}

std::string list_of(const std::vector<CpuSet>& groups) {
    std::string list;
    for (const CpuSet& group : groups) list += (list.empty() ? "" : " ") + group.list();
    return list;
}

std::string smt_text(const SmtReport& report, const TreeStyle& style) {
    Page page(style);
    const Contention& found = report.found;
    page.put({{formatted("{} CPUs", report.cpus.count()), Tone::strong},
              {formatted(", {} of two beside each other; 100 % is as fast as alone",
                         found.is_every_pair ? "every pair" : "the pairs that may share a core,")}});
    put_pairs(page, report);
    const std::vector<CpuSet> cores = found.cores();
    page.put_wrapped(text("measured  ", Tone::faint), text("          "),
                     text(cores.empty() ? "no CPUs share a core" : "threads of a core: " + list_of(cores)));
    page.put_wrapped(text("kernel    ", Tone::faint), text("          "),
                     text(report.declared.empty() ? "no CPUs share a core"
                                                  : "threads of a core: " + list_of(report.declared)));
    if (found.untried > 0) {
        page.put(text(formatted("{} pairs were not tried: the time was up", found.untried), Tone::notice));
    }
    put_disturbance(page, report.disturbance);
    return std::move(page.out);
}

// CPUs that were seen to share a core stand together.
std::vector<Figure> smt_figures(const SmtReport& report) {
    std::vector<int> order;
    CpuSet placed;
    HeatMap map{"Speed beside each other", "CPU", "CPU", "% of alone", {}, {}, {}, {}, true, 50, 100};
    const std::vector<CpuSet> cores = report.found.cores();
    for (const int cpu : report.cpus) {
        if (placed.contains(cpu)) continue;
        const auto core =
            std::find_if(cores.begin(), cores.end(), [&](const CpuSet& row) { return row.contains(cpu); });
        const CpuSet together = core == cores.end() ? CpuSet{cpu} : *core;
        if (!order.empty() && !cores.empty()) map.breaks.push_back(order.size());
        order.insert(order.end(), together.begin(), together.end());
        placed |= together;
    }
    std::map<std::pair<int, int>, double> speeds;
    for (const PairSpeed& pair : report.found.pairs)
        speeds[{pair.a, pair.b}] = speeds[{pair.b, pair.a}] = pair.speed * 100;
    for (const int a : order) {
        map.rows.push_back(std::to_string(a));
        for (const int b : order) {
            const auto speed = speeds.find({a, b});
            map.values.push_back(speed == speeds.end() ? std::nullopt : std::optional(speed->second));
        }
    }
    map.columns = map.rows;
    return {std::move(map)};
}

}  // namespace

Result<MeasureReport> measure_smt(const MeasureOptions& options) {
    const Result<Machine> machine = discover();
    if (!machine) return tl::unexpected<Error>(machine.error());
    const auto cpus = cpus_to_measure(options, *machine, 2);
    if (!cpus) return tl::unexpected<Error>(cpus.error());
    const Host host = live_host();
    SmtReport report{*cpus, declared_cores(*machine, *cpus), {}, measure::clock_cost_ns(), {}};
    ProgressLine line;
    measure::DisturbanceWatch watch(*host.root, *cpus);
    auto found =
        measure_contention(*cpus, pairs_of(report.declared), std::chrono::milliseconds(options.budget_ms),
                           multiply_together(*host.root, watch, report.clock_ns),
                           [&](double share) { line.show(share, "trying pairs"); });
    if (!found) return tl::unexpected<Error>(found.error());
    report.found = std::move(*found);
    report.disturbance = watch.so_far();
    report.fingerprint = machine->fingerprint;
    return MeasureReport{[report] { return smt_json(report); },
                         [report](const TreeStyle& style) { return smt_text(report, style); },
                         [report] { return smt_figures(report); }, true};
}

}  // namespace torque
