
#include <chrono>

#include "base/format.h"
#include "cli/measure_here.h"
#include "cli/measure_jitter_compare.h"
#include "cli/measure_jitter_text.h"
#include "cli/measure_kinds.h"
#include "cli/other_machine.h"
#include "measure/jitter.h"
#include "render/scale.h"
#include "sys/host.h"
#include "torque/discover.h"

namespace torque {
namespace {

using measure::Counter;
using measure::CpuJitter;
using measure::Jitter;
using measure::LongGap;

// --layout: what the plan isolates, or where it isolates nothing, the workers' CPUs.
Result<CpuSet> cpus_of_layout(const std::string& file, const Machine& machine) {
    const Result<Layout> layout = read_layout(file);
    if (!layout) return tl::unexpected<Error>(layout.error());
    if (auto same = refuse_other_machine(*layout, machine, file, ""); !same) {
        return tl::unexpected<Error>(same.error());
    }
    CpuSet cpus;
    for (const Cpu& cpu : machine.cpus) {
        if (cpu.online && layout->isolated.contains(cpu.id)) cpus.add(cpu.id);
    }
    for (const Worker& worker : layout->workers) {
        if (layout->isolated.empty()) cpus.add(worker.cpu);
    }
    return cpus;
}

Result<CpuSet> cpus_to_watch(MeasureOptions options, const Machine& machine) {
    if (!options.layout.empty()) {
        auto cpus = cpus_of_layout(options.layout, machine);
        if (!cpus) return cpus;
        options.cpus = std::move(*cpus);
    }
    return cpus_to_measure(options, machine, 1);
}

void write_counted(JsonText& out, const std::vector<Counter>& moved, std::size_t row) {
    out.key("counted").begin_list();
    for (const Counter& counter : moved) {
        if (counter.counts[row] == 0) continue;
        out.begin_object()
            .member("kind", counter.kind == Counter::Kind::softirq ? "softirq" : "interrupt")
            .member("name", counter.name)
            .member("what", unless_empty(counter.what))
            .member("count", counter.counts[row])
            .end();
    }
    out.end();
}

void write_cpu(JsonText& out, const Jitter& jitter, std::size_t row) {
    const CpuJitter& cpu = jitter.cpus[row];
    out.begin_object(JsonText::Form::lines).member("cpu", cpu.cpu).member("watched_ns", cpu.watched_ns);
    out.member("look_ns", cpu.look_ns).member("gaps", cpu.gaps).member("stolen_ns", cpu.stolen_ns);
    out.member("longest_ns", cpu.longest.empty() ? 0 : cpu.longest[0].length_ns);
    out.member("gaps_per_s", cpu.gaps_per_s.median).member("gaps_per_s_spread", cpu.gaps_per_s.spread);
    out.member("stolen_share", cpu.stolen_share.median)
        .member("stolen_share_spread", cpu.stolen_share.spread);
    out.member("waiting", cpu.disturbance.waiting).member("steal", cpu.disturbance.steal);
    out.member("preemptions", cpu.preemptions);
    out.member("histogram", std::vector<std::uint64_t>(cpu.histogram.begin(), cpu.histogram.end()));
    out.key("longest").begin_list();
    for (const LongGap& gap : cpu.longest) {
        out.begin_object().member("at_ns", gap.at_ns).member("length_ns", gap.length_ns).end();
    }
    out.end();
    write_counted(out, jitter.moved, row);
    out.end();
}

std::string jitter_json(const Jitter& jitter, const std::string& fingerprint) {
    CpuSet cpus;
    for (const CpuJitter& cpu : jitter.cpus) cpus.add(cpu.cpu);
    JsonText out = begin_measured("jitter", "live", cpus, fingerprint);
    write_disturbance(out, jitter.disturbance);
    out.member("clock", jitter.is_tsc ? "tsc" : "raw").member("threshold_ns", jitter.threshold_ns);
    out.member("edges_ns",
               std::vector<std::uint64_t>(measure::kGapEdgesNs.begin(), measure::kGapEdgesNs.end()));
    out.key("jitter").begin_list(JsonText::Form::lines);
    for (std::size_t row = 0; row < jitter.cpus.size(); ++row) write_cpu(out, jitter, row);
    return out.end().end().take();
}

// The lower edges of the histogram's classes, and where the last one is said to end.
double class_end_ns(std::size_t index) {
    const auto& edges = measure::kGapEdgesNs;
    return static_cast<double>(index + 1 < edges.size() ? edges[index + 1] : 2 * edges[index]);
}

Bars bars_of(const CpuJitter& cpu) {
    Bars bars{formatted("CPU {}: gaps by their length", cpu.cpu), "ns", "gaps", Quantity::ns, {}};
    for (std::size_t i = 0; i < cpu.histogram.size(); ++i) {
        bars.bars.push_back({static_cast<double>(measure::kGapEdgesNs[i]), class_end_ns(i),
                             static_cast<double>(cpu.histogram[i])});
    }
    return bars;
}

// Few CPUs as bars, many as rows of one map.
std::vector<Figure> jitter_figures(const Jitter& jitter) {
    constexpr std::size_t kBarsMax = 4;
    std::vector<Figure> figures;
    if (jitter.cpus.size() <= kBarsMax) {
        for (const CpuJitter& cpu : jitter.cpus) figures.push_back(bars_of(cpu));
        return figures;
    }
    HeatMap map{"Gaps by their length", "CPU", "gaps from", "gaps", {}, {}, {}, {}, false};
    for (const std::uint64_t edge : measure::kGapEdgesNs)
        map.columns.push_back(quantity_text(Quantity::ns, static_cast<double>(edge)));
    for (const CpuJitter& cpu : jitter.cpus) {
        map.rows.push_back(std::to_string(cpu.cpu));
        for (const std::uint64_t count : cpu.histogram)
            map.values.push_back(count > 0 ? std::optional(static_cast<double>(count)) : std::nullopt);
    }
    return {std::move(map)};
}

}  // namespace

Result<MeasureReport> measure_jitter(const MeasureOptions& options) {
    if (!options.before.empty()) return compare_jitter(options);
    const Result<Machine> machine = discover();
    if (!machine) return tl::unexpected<Error>(machine.error());
    const auto cpus = cpus_to_watch(options, *machine);
    if (!cpus) return tl::unexpected<Error>(cpus.error());
    const Host host = live_host();
    ProgressLine line;
    const auto progress = [&](double share) {
        share > 0 ? line.show(share, "watching")
                  : line.announce(
                        formatted("watching for {:.0f} s", static_cast<double>(options.budget_ms) / 1000));
    };
    auto jitter =
        measure::measure_jitter(*host.root, *cpus, std::chrono::milliseconds(options.budget_ms), progress);
    if (!jitter) return tl::unexpected<Error>(jitter.error());
    return MeasureReport{[jitter = *jitter, of = machine->fingerprint] { return jitter_json(jitter, of); },
                         [jitter = *jitter](const TreeStyle& style) { return jitter_text(jitter, style); },
                         [jitter = *jitter] { return jitter_figures(jitter); }, true};
}

}  // namespace torque
