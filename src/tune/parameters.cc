#include "tune/parameters.h"

#include <algorithm>
#include <vector>

#include "base/parse.h"

namespace torque::tune {
namespace {

// Documentation/admin-guide/kernel-parameters.txt of 6.12.
constexpr Parameter kParameters[] = {
    {"isolcpus", ValueKind::cpus},
    {"nohz_full", ValueKind::cpus},
    {"rcu_nocbs", ValueKind::cpus},
    {"irqaffinity", ValueKind::cpus},
    {"workqueue.unbound_cpus", ValueKind::cpus},
    {"rcu_nocb_poll", ValueKind::bare},
    {"rcutree.kthread_prio", ValueKind::number},
    {"rcutree.nohz_full_patience_delay", ValueKind::number},
    {"rcupdate.rcu_normal_after_boot", ValueKind::number},
    {"maxcpus", ValueKind::number},
    {"nr_cpus", ValueKind::number},
    {"possible_cpus", ValueKind::number},
    {"nosmt", ValueKind::words, "force"},
    {"skew_tick", ValueKind::number},
    {"tsc", ValueKind::words, "reliable|noirqtime|unstable|nowatchdog|recalibrate|watchdog"},
    {"nowatchdog", ValueKind::bare},
    {"nosoftlockup", ValueKind::bare},
    {"nmi_watchdog", ValueKind::words, "0|1|panic|nopanic"},
    {"nohz", ValueKind::words, "on|off|0|1|y|n"},
    {"idle", ValueKind::words, "poll|halt|nomwait"},
    {"processor.max_cstate", ValueKind::number},
    {"intel_idle.max_cstate", ValueKind::number},
    {"intel_pstate", ValueKind::words,
     "disable|active|passive|force|no_hwp|hwp_only|support_acpi_ppc|per_cpu_perf_limits|no_cas"},
    {"amd_pstate", ValueKind::words, "disable|passive|active|guided"},
    {"cpufreq.default_governor"},
    {"transparent_hugepage", ValueKind::words, "always|madvise|never"},
    {"numa_balancing", ValueKind::words, "enable|disable"},
    {"default_hugepagesz"},
    {"hugepagesz"},
    {"hugepages"},
    {"mitigations"},
    {"preempt", ValueKind::words, "none|voluntary|full|lazy"},
};

constexpr std::string_view kIsolation[] = {"isolcpus",    "nohz_full",     "rcu_nocbs",
                                           "irqaffinity", "rcu_nocb_poll", "workqueue.unbound_cpus"};

struct Foreign {
    std::string_view name, from;
};
constexpr Foreign kForeign[] = {
    {"kthread_cpus", "a patch of some real-time distributions"},
};

// Parameters that 6.12 has and 6.1 has not.
constexpr KernelRelease kWithoutYounger{6, 1};
constexpr std::string_view kYounger[] = {"workqueue.unbound_cpus", "rcutree.nohz_full_patience_delay"};

// Shorter names are too near to ordinary ones ("nosmp" is no slip of "nosmt").
constexpr std::size_t kMisspeltMin = 6;
constexpr int kMisspeltEdits = 2;

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (!text.empty()) parts.emplace_back(take_until(text, separator));
    return parts;
}

bool is_number(std::string_view text) {
    return parse_signed(text).has_value() || parse_hex(text).has_value();
}

}  // namespace

const Parameter* find_parameter(std::string_view canonical_name) {
    const auto* found = std::find_if(std::begin(kParameters), std::end(kParameters),
                                     [=](const Parameter& p) { return p.name == canonical_name; });
    return found == std::end(kParameters) ? nullptr : found;
}

bool is_isolation(std::string_view canonical_name) {
    return std::find(std::begin(kIsolation), std::end(kIsolation), canonical_name) != std::end(kIsolation);
}

std::optional<std::string> misspelt_parameter(std::string_view name) {
    constexpr std::size_t kLongest = 40;
    if (found_by_beginning(name)) return std::nullopt;
    if (name.size() < kMisspeltMin || name.size() > kLongest || name.find('.') != name.npos)
        return std::nullopt;
    std::string folded(name);
    for (char& c : folded) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    std::optional<std::string> best;
    int best_edits = kMisspeltEdits + 1;
    for (const Parameter& parameter : kParameters) {
        if (parameter.name == name) return std::nullopt;
        if (parameter.name.size() < kMisspeltMin) continue;
        const int edits = edit_distance(folded, parameter.name);
        if (edits < best_edits) {
            best_edits = edits;
            best = parameter.name;
        }
    }
    return best;
}

std::optional<std::string_view> foreign_parameter(std::string_view canonical_name) {
    for (const Foreign& foreign : kForeign) {
        if (foreign.name == canonical_name) return foreign.from;
    }
    return std::nullopt;
}

std::optional<std::string_view> found_by_beginning(std::string_view canonical_name) {
    for (std::string_view name : {std::string_view("rcu_nocbs"), std::string_view("rcu_nocb_poll")}) {
        if (canonical_name.starts_with(name) && canonical_name != name) return name;
    }
    return std::nullopt;
}

bool is_too_new(std::string_view canonical_name, KernelRelease release) {
    return release <= kWithoutYounger &&
           std::find(std::begin(kYounger), std::end(kYounger), canonical_name) != std::end(kYounger);
}

std::optional<WrongValue> wrong_value(const Parameter& parameter, std::string_view value) {
    if (parameter.kind == ValueKind::number) {
        if (is_number(value)) return std::nullopt;
        return WrongValue{std::string(value), std::nullopt};
    }
    if (parameter.kind != ValueKind::words) return std::nullopt;
    const std::vector<std::string> known = split(parameter.words, '|');
    for (const std::string& word : split(value, ',')) {
        if (std::find(known.begin(), known.end(), word) == known.end()) {
            return WrongValue{word, did_you_mean(word, known)};
        }
    }
    return std::nullopt;
}

}  // namespace torque::tune
