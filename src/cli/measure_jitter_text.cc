#include "cli/measure_jitter_text.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/format.h"
#include "cli/measure_report.h"

namespace torque {
namespace {

using measure::Counter;
using measure::CpuJitter;
using measure::Jitter;

constexpr std::size_t kDetailedMax = 8, kLongestShown = 4, kCountersShown = 6;

// One character for each class, as high as the count has digits.
Line histogram_text(const CpuJitter& cpu, bool unicode) {
    constexpr const char* kBars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    Line line;
    for (const std::uint64_t count : cpu.histogram) {
        if (count == 0) {
            line.push_back({unicode ? "·" : ".", Tone::faint});
            continue;
        }
        const auto digits =
            std::min<std::size_t>(std::size(kBars), static_cast<std::size_t>(std::log10(count)) + 1);
        line.push_back({unicode ? kBars[digits - 1] : std::to_string(digits), Tone::cache});
    }
    return line;
}

double longest_ns(const CpuJitter& cpu) {
    return cpu.longest.empty() ? 0 : cpu.longest[0].length_ns;
}

void put_cpus(Page& page, const Jitter& jitter) {
    const bool unicode = page.style.unicode;
    const std::vector<Column> columns = {
        {"CPU", true}, {"gaps/s", true},  {"stolen", true},
        {"", true},    {"longest", true}, {unicode ? "ns µs       ms    .1s" : "ns us       ms    .1s"}};
    std::vector<std::vector<Line>> rows;
    for (const CpuJitter& cpu : jitter.cpus) {
        const double seconds = cpu.watched_ns / 1e9;
        rows.push_back(
            {text(std::to_string(cpu.cpu), Tone::place),
             text(formatted("{:.1f}", static_cast<double>(cpu.gaps) / seconds)),
             text(formatted("{:.4f} %", cpu.stolen_ns / cpu.watched_ns * 100), Tone::strong),
             text(formatted("{}{:.4f}", unicode ? "±" : "+-", cpu.stolen_share.spread * 50), Tone::faint),
             text(cpu.gaps > 0 ? time_text(longest_ns(cpu), page.style) : ""), histogram_text(cpu, unicode)});
    }
    put_table(page, columns, rows);
}

void put_longest(Page& page, const CpuJitter& cpu) {
    if (cpu.longest.empty()) return page.put(text("  no gaps"));
    Line line;
    for (std::size_t i = 0; i < std::min(cpu.longest.size(), kLongestShown); ++i) {
        line.push_back(
            {formatted("{}{} at {:.3f} s", i == 0 ? "" : ", ",
                       time_text(cpu.longest[i].length_ns, page.style), cpu.longest[i].at_ns / 1e9)});
    }
    page.put_wrapped(text("  longest  ", Tone::faint), text("           "), line);
}

std::string counter_text(const Counter& counter, std::uint64_t count) {
    if (counter.kind == Counter::Kind::softirq)
        return formatted("{} {} softirqs", count, clean(counter.name));
    return counter.what.empty() ? formatted("{} of interrupt {}", count, clean(counter.name))
                                : formatted("{} {}", count, clean(counter.what));
}

// What the kernel counted, and what of the gaps it cannot have been.
void put_counted(Page& page, const Jitter& jitter, std::size_t row) {
    const CpuJitter& cpu = jitter.cpus[row];
    std::uint64_t interrupts = cpu.preemptions.value_or(0);
    std::vector<std::pair<std::uint64_t, const Counter*>> counted;
    for (const Counter& counter : jitter.moved) {
        const std::uint64_t count = counter.counts[row];
        if (count == 0) continue;
        counted.emplace_back(count, &counter);
        if (counter.kind == Counter::Kind::interrupt) interrupts += count;
    }
    std::stable_sort(counted.begin(), counted.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    if (counted.size() > kCountersShown) counted.resize(kCountersShown);
    Line line;
    for (const auto& one : counted) {
        line.push_back({(line.empty() ? "" : ", ") + counter_text(*one.second, one.first)});
    }
    if (cpu.preemptions.value_or(0) > 0) {
        line.push_back({formatted("{}preempted {} times", line.empty() ? "" : ", ", *cpu.preemptions)});
    }
    if (line.empty()) line = text("nothing");
    page.put_wrapped(text("  counted  ", Tone::faint), text("           "), line);
    if (cpu.gaps > interrupts) {
        page.put_wrapped(text("           "), text("           "),
                         text(formatted("at least {} of {} gaps are by nothing that this kernel counts: "
                                        "firmware, a hypervisor, another thread of the core",
                                        cpu.gaps - interrupts, cpu.gaps),
                              Tone::notice));
    }
    if (cpu.disturbance.steal > 0) {
        page.put(
            text(formatted("           a hypervisor took {:.2f} % of the time", cpu.disturbance.steal * 100),
                 Tone::notice));
    }
}

// The CPUs that lost the most, by their numbers.
std::vector<std::size_t> rows_to_detail(const Jitter& jitter) {
    std::vector<std::size_t> rows(jitter.cpus.size());
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    std::stable_sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) {
        return jitter.cpus[a].stolen_ns > jitter.cpus[b].stolen_ns;
    });
    if (rows.size() > kDetailedMax) rows.resize(kDetailedMax);
    std::sort(rows.begin(), rows.end());
    return rows;
}

}  // namespace

std::string jitter_text(const Jitter& jitter, const TreeStyle& style) {
    Page page(style);
    double watched_ns = 0, look_ns = 0;
    for (const CpuJitter& cpu : jitter.cpus) {
        watched_ns = std::max(watched_ns, cpu.watched_ns);
        look_ns = std::max(look_ns, cpu.look_ns);
    }
    page.put_wrapped(
        text(formatted("{} {}", jitter.cpus.size(), jitter.cpus.size() == 1 ? "CPU" : "CPUs"), Tone::strong),
        text("  "),
        text(formatted(" watched for {} by the {}, a look takes {}; gaps from {}",
                       time_text(watched_ns, style),
                       jitter.is_tsc ? "time stamp counter" : "kernel's raw clock", time_text(look_ns, style),
                       time_text(jitter.threshold_ns, style))));
    put_cpus(page, jitter);
    const std::vector<std::size_t> rows = rows_to_detail(jitter);
    for (const std::size_t row : rows) {
        page.section(formatted("CPU {}", jitter.cpus[row].cpu));
        put_longest(page, jitter.cpus[row]);
        put_counted(page, jitter, row);
    }
    page.put({});
    if (rows.size() < jitter.cpus.size()) {
        page.put(text("Shown are the CPUs that lost the most; --json has all.", Tone::faint));
    }
    page.put_wrapped({}, {},
                     text("Counted is what happened during the run on that CPU; which gap was by what, no "
                          "counter tells.",
                          Tone::faint));
    put_disturbance(page, jitter.disturbance);
    return std::move(page.out);
}

}  // namespace torque
