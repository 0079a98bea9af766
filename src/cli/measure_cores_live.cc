#include "cli/measure_cores_live.h"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "base/format.h"
#include "cli/measure_here.h"
#include "layout/measured_json.h"
#include "plan/last_level.h"
#include "sys/host.h"
#include "torque/discover.h"

namespace torque {
namespace {

// The groups' CPUs among the measured ones, by their first.
std::vector<CpuSet> among(std::vector<CpuSet> groups, const CpuSet& cpus) {
    for (CpuSet& group : groups) group &= cpus;
    groups.erase(
        std::remove_if(groups.begin(), groups.end(), [](const CpuSet& group) { return group.empty(); }),
        groups.end());
    std::sort(groups.begin(), groups.end(),
              [](const CpuSet& a, const CpuSet& b) { return a.first() < b.first(); });
    return groups;
}

template <class T>
std::vector<CpuSet> cpus_of(const std::vector<T>& rows) {
    std::vector<CpuSet> groups;
    for (const T& row : rows) groups.push_back(row.cpus);
    return groups;
}

std::vector<CpuSet> last_level_caches(const Machine& machine) {
    std::vector<CpuSet> groups;
    for (const planning::LastLevel& last : planning::last_levels(machine).groups) {
        if (last.cache != nullptr) groups.push_back(last.cpus);
    }
    return groups;
}

std::vector<DeclaredGroups> declared_groups(const Machine& machine, const CpuSet& cpus,
                                            const measure::Structure& structure) {
    std::vector<DeclaredGroups> declared;
    const std::vector<CpuSet> claims[] = {cpus_of(machine.cores), last_level_caches(machine),
                                          cpus_of(machine.packages)};  // by kLevelWords
    for (std::size_t i = 0; i < std::size(claims); ++i) {
        DeclaredGroups row{std::string(kLevelWords[i]), among(claims[i], cpus)};
        if (row.groups.size() < 2 || static_cast<int>(row.groups.size()) == cpus.count()) continue;
        row.is_found =
            std::any_of(structure.levels.begin(), structure.levels.end(),
                        [&](const measure::Level& level) { return among(level.groups, cpus) == row.groups; });
        declared.push_back(std::move(row));
    }
    return declared;
}

}  // namespace

Result<LiveCores> measure_cores_here(const MeasureOptions& options) {
    const Result<Machine> machine = discover();
    if (!machine) return tl::unexpected<Error>(machine.error());
    const auto cpus = cpus_to_measure(options, *machine, 2);
    if (!cpus) return tl::unexpected<Error>(cpus.error());
    const Host host = live_host();
    ProgressLine line;
    auto times = measure::measure_cores(
        *host.root, *cpus, std::chrono::milliseconds(options.budget_ms), [&](int done, int all) {
            line.show(static_cast<double>(done) / all, formatted("{} of {} pairs", done, all));
        });
    if (!times) return tl::unexpected<Error>(times.error());
    LiveCores found{*cpus, std::move(*times), {}, {}, machine->fingerprint};
    found.structure = find_levels(measure::matrix_of(found.times, *cpus), *cpus);
    found.declared = declared_groups(*machine, *cpus, found.structure);
    return found;
}

}  // namespace torque
