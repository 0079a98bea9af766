
#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/format.h"
#include "cli/measure_cores_live.h"
#include "cli/measure_kinds.h"
#include "layout/measured_json.h"
#include "measure/levels.h"
#include "measure/matrix.h"
#include "render/text.h"
#include "sys/text_file.h"

namespace torque {
namespace {

using measure::LatencyMatrix;
using measure::Level;
using measure::Structure;

constexpr std::size_t kMatrixBytesMax = std::size_t{128}
                                        << 20;  // 2,048 CPUs, 20 characters a value, and some

// By LevelKind.
constexpr const char* kLevelTexts[] = {"threads of one core", "a shared cache", "a package, die or node"};

struct CoresReport {
    std::string source;
    CpuSet cpus;
    LatencyMatrix matrix;  // rows are the CPUs, ascending
    Structure structure;
    std::optional<LiveCores> live;  // where this machine was measured
};

Result<CpuSet> rows_of(const MeasureOptions& options, int count) {
    if (!options.cpus) return CpuSet::range(0, count - 1);
    if (options.cpus->count() != count) {
        return fail(formatted("--cpus names {} CPUs, and the matrix has {}", options.cpus->count(), count),
                    options.matrix, "give one CPU for each line", ErrorKind::usage);
    }
    return *options.cpus;
}

Result<CoresReport> cores_of_matrix(const MeasureOptions& options) {
    const auto text = read_text_file(options.matrix, kMatrixBytesMax);
    if (!text) return tl::unexpected<Error>(text.error());
    const std::string name = options.matrix == "-" ? "standard input" : options.matrix;
    const auto matrix = measure::parse_latency_matrix(*text, name);
    if (!matrix) return tl::unexpected<Error>(matrix.error());
    const auto cpus = rows_of(options, matrix->count);
    if (!cpus) return tl::unexpected<Error>(cpus.error());
    return CoresReport{name, *cpus, *matrix, find_levels(*matrix, *cpus), std::nullopt};
}

Result<CoresReport> cores_report(const MeasureOptions& options) {
    if (!options.matrix.empty()) return cores_of_matrix(options);
    auto live = measure_cores_here(options);
    if (!live) return tl::unexpected<Error>(live.error());
    const LatencyMatrix matrix = measure::matrix_of(live->times, live->cpus);
    return CoresReport{"live", live->cpus, matrix, live->structure, std::move(*live)};
}

void write_level(JsonText& out, const Level& level) {
    out.begin_object().member("likely", kLevelWords[static_cast<std::size_t>(level.kind)]);
    out.member("latency_ns", level.latency_ns).member("apart_ns", level.apart_ns);
    out.member("misfits", level.misfits).member("only_first", level.only_first);
    out.member("groups", level.groups).end();
}

void write_declared(JsonText& out, const DeclaredGroups& row) {
    out.begin_object()
        .member("what", row.what)
        .member("found", row.is_found)
        .member("groups", row.groups)
        .end();
}

void write_pair(JsonText& out, const measure::PairTime& pair) {
    out.begin_object().member("a", pair.a).member("b", pair.b).member("latency_ns", pair.one_way_ns);
    out.member("spread_ns", pair.spread_ns).member("samples", pair.samples).end();
}

std::string cores_json(const CoresReport& report) {
    JsonText out = begin_measured("cores", report.source, report.cpus,
                                  report.live ? std::optional(report.live->fingerprint) : std::nullopt);
    out.table("levels", report.structure.levels, write_level).member("rest_ns", report.structure.rest_ns);
    if (report.live) {
        write_disturbance(out, report.live->times.disturbance);
        out.member("clock_ns", report.live->times.clock_ns);
        out.table("declared", report.live->declared, write_declared);
        out.table("pairs", report.live->times.pairs, write_pair);
    } else {
        write_disturbance(out, std::nullopt);
        for (const char* name : {"clock_ns", "declared", "pairs"}) out.key(name).null();
    }
    return out.end().take();
}

// "8 groups of 6", or the extremes where they differ.
std::string sizes_text(const std::vector<CpuSet>& groups) {
    int smallest = groups[0].count(), largest = smallest;
    for (const CpuSet& group : groups) {
        smallest = std::min(smallest, group.count());
        largest = std::max(largest, group.count());
    }
    if (smallest == largest) return formatted("{} groups of {}", groups.size(), smallest);
    return formatted("{} groups of {} to {}", groups.size(), smallest, largest);
}

void put_level(Page& page, const Level& level) {
    page.put({{formatted("{:>8.1f} ns  ", level.latency_ns), Tone::strong},
              {formatted("{} CPUs each, likely {}", sizes_text(level.groups),
                         kLevelTexts[static_cast<std::size_t>(level.kind)])}});
    Line groups;
    for (const CpuSet& group : level.groups) {
        groups.push_back({groups.empty() ? group.list() : " " + group.list(), Tone::place});
    }
    const Line indent = text(std::string(13, ' '));
    page.put_wrapped(indent, indent, groups);
    if (level.misfits > 0) {
        page.put(
            {{formatted("{:13}{:.1f} % of the pairs do not fit", "", level.misfits * 100), Tone::notice}});
    }
    if (level.only_first) {
        page.put_wrapped(indent, indent,
                         text("Only the first group was seen: the rest is as far from each other as from it. "
                              "The line that was measured may have lived in the first group's memory.",
                              Tone::notice));
    }
}

void put_live(Page& page, const LiveCores& live) {
    for (const DeclaredGroups& row : live.declared) {
        page.put({{formatted("  {:<9} ", row.what), Tone::strong},
                  {formatted("the kernel tells of {}: ", sizes_text(row.groups))},
                  {row.is_found ? "measured as well" : "not seen in the latencies",
                   row.is_found ? Tone::plain : Tone::notice}});
    }
    put_disturbance(page, live.times.disturbance);
}

std::string cores_text(const CoresReport& report, const TreeStyle& style) {
    Page page(style);
    const Structure& found = report.structure;
    page.put({{formatted("{} CPUs", report.cpus.count()), Tone::strong},
              {report.live ? ", measured here" : " of " + clean(report.source)}});
    for (const Level& level : found.levels) put_level(page, level);
    if (found.levels.empty()) {
        page.put_wrapped(
            text("no groups: "), text("  "),
            text(formatted("no CPUs are clearly nearer to each other than to the rest; the median is "
                           "{:.1f} ns",
                           found.rest_ns)));
    } else {
        page.put({{formatted("{:>8.1f} ns  ", found.rest_ns), Tone::strong},
                  {"between the groups of the last level"}});
    }
    if (report.live) put_live(page, *report.live);
    return std::move(page.out);
}

// Which group of each level a CPU is in, the coarsest level first.
std::vector<std::size_t> groups_of(const Structure& structure, int cpu) {
    std::vector<std::size_t> groups;
    for (auto level = structure.levels.rbegin(); level != structure.levels.rend(); ++level) {
        std::size_t group = 0;
        while (group < level->groups.size() && !level->groups[group].contains(cpu)) ++group;
        groups.push_back(group);
    }
    return groups;
}

// CPUs that belong together stand together, so that groups are squares, with a break after each of the
// coarsest.
std::vector<Figure> cores_figures(const CoresReport& report) {
    struct Row {
        std::vector<std::size_t> groups;
        int cpu, index;
    };
    std::vector<Row> rows;
    for (const int cpu : report.cpus) {
        rows.push_back({groups_of(report.structure, cpu), cpu, static_cast<int>(rows.size())});
    }
    std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
        return std::tie(a.groups, a.cpu) < std::tie(b.groups, b.cpu);
    });
    HeatMap map{"A cache line's way from one CPU to another", "CPU", "CPU", "ns", {}, {}, {}, {}, false};
    for (const Row& row : rows) {
        const bool is_next = !map.rows.empty() && !row.groups.empty() &&
                             row.groups.front() != rows[map.rows.size() - 1].groups.front();
        if (is_next) map.breaks.push_back(map.rows.size());
        map.rows.push_back(std::to_string(row.cpu));
        for (const Row& column : rows) {
            const bool is_same = row.index == column.index;
            map.values.push_back(is_same ? std::nullopt
                                         : std::optional(report.matrix.at(row.index, column.index)));
        }
    }
    map.columns = map.rows;
    return {std::move(map)};
}

}  // namespace

Result<MeasureReport> measure_cores(const MeasureOptions& options) {
    auto report = cores_report(options);
    if (!report) return tl::unexpected<Error>(report.error());
    return MeasureReport{[report = *report] { return cores_json(report); },
                         [report = *report](const TreeStyle& style) { return cores_text(report, style); },
                         [report = *report] { return cores_figures(report); }};
}

}  // namespace torque
