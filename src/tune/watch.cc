#include "tune/watch.h"

#include <algorithm>

#include "base/format.h"
#include "base/parse.h"

namespace torque::tune {
namespace {

// They name threads and counts of the moment.
constexpr std::string_view kPassing[] = {"tasks", "kernel-threads", "servers", "ticks"};

// The machine has become another one.
constexpr std::string_view kOtherMachine[] = {"machine", "worker-cpus", "siblings-offline"};

template <std::size_t N>
bool is_among(const std::string_view (&ids)[N], std::string_view id) {
    return std::find(std::begin(ids), std::end(ids), id) != std::end(ids);
}

bool is_news(const CheckRow* before, const CheckRow& after) {
    if (before == nullptr) return after.status == CheckStatus::drift;
    if (before->status != after.status) {
        return after.status != CheckStatus::not_checked || before->status == CheckStatus::ok;
    }
    return after.status == CheckStatus::drift && before->found != after.found &&
           !is_among(kPassing, after.id);
}

}  // namespace

std::vector<CheckRow> news(const CheckReport& before, const CheckReport& after) {
    std::vector<CheckRow> found;
    for (const CheckRow& row : after.rows) {
        const auto old = std::find_if(before.rows.begin(), before.rows.end(), [&](const CheckRow& one) {
            return one.id == row.id && one.source == row.source;
        });
        if (is_news(old == before.rows.end() ? nullptr : &*old, row)) found.push_back(row);
    }
    return found;
}

std::string mend_or_plan(const CheckRow& row, const Layout& layout, std::string_view layout_path) {
    if (row.status != CheckStatus::drift || !is_among(kOtherMachine, row.id)) return row.mend;
    const std::string plan = formatted("torque-topo plan --workers {} --keep {}", layout.workers.size(),
                                       layout_path == "-" ? "LAYOUT" : printable(layout_path, 200));
    // Its mend is a plan already, one that knows nothing of the old.
    return row.id == "machine" ? plan : formatted("{}; or {}", row.mend, plan);
}

std::vector<std::string> files_to_watch(const Layout& layout, std::string_view cpuset_file) {
    constexpr std::string_view kGroups = "/sys/fs/cgroup";
    std::vector<std::string> files;
    for (const RuntimeKnob& knob : layout.runtime) {
        const std::string_view path = knob.path;
        if (path.find("/../") != path.npos) continue;
        if (path.starts_with("/sys/") || path.starts_with("/proc/")) files.emplace_back(path);
    }
    std::string_view folder = cpuset_file.substr(0, cpuset_file.rfind('/'));
    for (; folder.starts_with(kGroups) && folder != kGroups; folder = folder.substr(0, folder.rfind('/'))) {
        for (std::string_view name : {"cpuset.cpus", "cpuset.cpus.partition"})
            files.push_back(formatted("{}/{}", folder, name));
    }
    return files;
}

}  // namespace torque::tune
