#include "plan/kernel_list.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/parse.h"

namespace torque::planning {
namespace {

struct Region {
    int first = 0;
    int last = 0;
    int used = 1;  // of every `group` CPUs, counted from `first`, so many are members
    int group = 1;
};

std::optional<int> parse_cpu(std::string_view text, int cpus_max) {
    if (text == "N") return cpus_max - 1;
    const auto number = parse_unsigned(text, static_cast<std::uint64_t>(cpus_max - 1));
    if (!number) return std::nullopt;
    return static_cast<int>(*number);
}

bool parse_stride(std::string_view text, Region& region) {
    const std::size_t slash = text.find('/');
    if (slash == text.npos) return false;
    const auto used = parse_unsigned(text.substr(0, slash), CpuSet::kMaxCpu);
    const auto group = parse_unsigned(text.substr(slash + 1), CpuSet::kMaxCpu);
    if (!used || !group || *group == 0 || *used > *group) return false;
    region.used = static_cast<int>(*used);
    region.group = static_cast<int>(*group);
    return true;
}

std::optional<Region> parse_region(std::string_view text, int cpus_max) {
    Region region;
    const std::size_t colon = text.find(':');
    const std::string_view span = text.substr(0, colon);
    const std::size_t dash = span.find('-');
    if (span == "all") {
        region.last = cpus_max - 1;
    } else {
        const auto first = parse_cpu(span.substr(0, dash), cpus_max);
        const auto last = dash == span.npos ? first : parse_cpu(span.substr(dash + 1), cpus_max);
        // A stride belongs to a range: the kernel refuses "4:1/2".
        const bool stray_stride = dash == span.npos && colon != text.npos;
        if (!first || !last || *first > *last || stray_stride) return std::nullopt;
        region.first = *first;
        region.last = *last;
    }
    if (colon != text.npos && !parse_stride(text.substr(colon + 1), region)) return std::nullopt;
    return region;
}

// The set's runs of neighbouring CPUs, ascending.
std::vector<Region> runs_of(const CpuSet& cpus) {
    std::vector<Region> runs;
    for (int cpu : cpus) {
        if (!runs.empty() && runs.back().last + 1 == cpu) {
            runs.back().last = cpu;
        } else {
            runs.push_back({cpu, cpu});
        }
    }
    return runs;
}

std::string plain_text(const Region& run) {
    const std::string first = std::to_string(run.first);
    return run.first == run.last ? first : first + '-' + std::to_string(run.last);
}

// How many runs from `from` on have the length of the first and the distance of the first two.
std::size_t like_runs(const std::vector<Region>& runs, std::size_t from) {
    if (from + 1 >= runs.size()) return 1;
    const int length = runs[from].last - runs[from].first;
    const int distance = runs[from + 1].first - runs[from].first;
    std::size_t end = from + 1;
    while (end < runs.size() && runs[end].last - runs[end].first == length &&
           runs[end].first - runs[end - 1].first == distance) {
        ++end;
    }
    return end - from;
}

}  // namespace

Result<CpuSet> parse_kernel_list(std::string_view text, int cpus_max) {
    CpuSet out;
    cpus_max = std::clamp(cpus_max, 1, CpuSet::kMaxCpu + 1);
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::string_view part = take_until(rest, ',');
        const auto region = parse_region(part, cpus_max);
        if (!region) {
            return fail(
                "the kernel would refuse the CPU list \"" + printable(text) + "\"",
                "at \"" + printable(part) + "\"",
                "regions look like 4, 4-11 or 4-11:1/2 and name CPUs below " + std::to_string(cpus_max));
        }
        for (int cpu = region->first; cpu <= region->last; ++cpu) {
            if ((cpu - region->first) % region->group < region->used) out.add(cpu);
        }
    }
    return out;
}

std::string kernel_list(const CpuSet& cpus) {
    const std::vector<Region> runs = runs_of(cpus);
    std::string out;
    for (std::size_t i = 0; i < runs.size();) {
        const std::size_t count = like_runs(runs, i);
        std::string plain = plain_text(runs[i]);
        std::size_t used = 1;
        if (count > 1) {
            for (std::size_t k = 1; k < count; ++k) plain += ',' + plain_text(runs[i + k]);
            const int group = runs[i + 1].first - runs[i].first;
            const int members = runs[i].last - runs[i].first + 1;
            std::string strided = plain_text({runs[i].first, runs[i + count - 1].last}) + ':' +
                                  std::to_string(members) + '/' + std::to_string(group);
            if (strided.size() < plain.size()) {
                plain = std::move(strided);
                used = count;
            } else {
                plain = plain_text(runs[i]);
            }
        }
        if (!out.empty()) out += ',';
        out += plain;
        i += used;
    }
    return out;
}

}  // namespace torque::planning
