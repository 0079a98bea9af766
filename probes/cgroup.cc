#include "probes/cgroup.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "probes/read.h"

namespace torque {
namespace {

bool has_word(std::string_view comma_list, std::string_view word) {
    while (!comma_list.empty()) {
        if (take_until(comma_list, ',') == word) return true;
    }
    return false;
}

// Where a controller's files are: its mount point, this process' group below it, and how files are named.
struct Controller {
    std::string mount;  // from the root, without a leading slash
    std::string group;  // "/a/b"; "" or "/" for the root group
    bool v2 = false;
    bool noprefix = false;  // the old cpuset file system: "cpus" instead of "cpuset.cpus"
};

// What the kernel tells of this process: read once, for every controller stands in the same files.
struct ProcFiles {
    std::optional<std::string> mounts, groups;
};

ProcFiles read_proc(const Dir& root) {
    ProcFiles proc{root.read("proc/self/mounts"), root.read("proc/self/cgroup")};
    if (!proc.mounts) proc.mounts = root.read("proc/mounts");
    return proc;
}

constexpr std::size_t kGroupBytesMax = 4096;  // PATH_MAX; the kernel's have less

// The group of this process: of v2 with an empty `controller`. /proc/self/cgroup: "4:cpu,cpuacct:/a",
// "0::/a".
std::optional<std::string> group_of(const Dir& root, const ProcFiles& proc, std::string_view controller) {
    if (proc.groups) {
        for (std::string_view rest = *proc.groups; !rest.empty();) {
            std::string_view line = take_line(rest);
            take_until(line, ':');
            const std::string_view names = take_until(line, ':');
            const bool is_it = controller.empty() ? names.empty() : has_word(names, controller);
            if (is_it && line.size() <= kGroupBytesMax) return std::string(line);
        }
    }
    if (controller != "cpuset") return std::nullopt;
    auto group = root.read("proc/self/cpuset");
    return group && group->size() <= kGroupBytesMax ? group : std::nullopt;
}

// A mount is "SOURCE POINT TYPE OPTIONS ..." (proc(5)).
std::optional<Controller> find_controller(const Dir& root, const ProcFiles& proc, std::string_view name,
                                          bool v2) {
    if (!proc.mounts) return std::nullopt;
    for (std::string_view rest = *proc.mounts; !rest.empty();) {
        std::string_view line = take_line(rest);
        take_until(line, ' ');
        std::string_view point = take_until(line, ' ');
        const std::string_view type = take_until(line, ' ');
        const std::string_view options = take_until(line, ' ');
        const bool is_cpuset_fs = type == "cpuset" && name == "cpuset";
        const bool matches =
            v2 ? type == "cgroup2" : is_cpuset_fs || (type == "cgroup" && has_word(options, name));
        if (!matches || !point.starts_with('/')) continue;
        const auto group = group_of(root, proc, v2 ? std::string_view{} : name);
        if (!group) return std::nullopt;  // it is the same for every mount
        return Controller{std::string(point.substr(1)), *group, v2,
                          is_cpuset_fs || has_word(options, "noprefix")};
    }
    return std::nullopt;
}

// The folders of the group and of its ancestors, nearest first.
std::vector<std::string> folders_upwards(const Controller& controller) {
    std::vector<std::string> folders;
    std::string group = controller.group;
    for (;;) {
        while (group.ends_with('/')) group.pop_back();
        folders.push_back(controller.mount + group + "/");
        if (group.empty()) return folders;
        group.resize(group.rfind('/') == group.npos ? 0 : group.rfind('/'));
    }
}

// v2: "MAX PERIOD" or "max PERIOD" in microseconds.
std::optional<double> quota_v2(const Dir& root, const std::string& folder) {
    const auto text = root.read(folder + "cpu.max");
    if (!text) return std::nullopt;
    std::string_view rest = trim_space(*text);
    const auto quota = parse_unsigned(take_until(rest, ' '));
    const auto period = parse_unsigned(rest);
    if (!quota || !period || *period == 0) return std::nullopt;
    return static_cast<double>(*quota) / static_cast<double>(*period);
}

std::optional<double> quota_v1(const Dir& root, const std::string& folder) {
    const auto quota = read_int(root, folder + "cpu.cfs_quota_us");  // -1: none
    if (!quota || *quota < 0) return std::nullopt;
    const auto period = read_int(root, folder + "cpu.cfs_period_us");
    if (!period || *period <= 0) return std::nullopt;
    return static_cast<double>(*quota) / static_cast<double>(*period);
}

// The nearest group that has the files. v2 has them only where the controller is enabled. v1 has them in
// every group, but in a container the mount may begin at the container's group, while /proc names it from the
// host's root: then the top is the nearest that is to be seen.
void read_cpuset(const Dir& root, const Controller& controller, CgroupFacts& facts) {
    static constexpr const char* kFiles[] = {"cpuset.effective_cpus", "cpuset.cpus"};
    for (const std::string& folder : folders_upwards(controller)) {
        std::vector<std::string> files;
        if (controller.v2) {
            files = {"cpuset.cpus.effective"};
        } else if (controller.noprefix) {
            files = {"effective_cpus", "cpus"};
        } else {
            files.assign(std::begin(kFiles), std::end(kFiles));
        }
        for (const std::string& file : files) {
            facts.cpus = read_cpu_list(root, folder + file);
            if (!facts.cpus) continue;
            facts.cpus_source = "/" + folder + file;
            return;
        }
    }
}

void read_quota(const Dir& root, const Controller& controller, CgroupFacts& facts) {
    for (const std::string& folder : folders_upwards(controller)) {
        const auto quota = controller.v2 ? quota_v2(root, folder) : quota_v1(root, folder);
        if (quota) facts.quota = std::min(facts.quota.value_or(*quota), *quota);
    }
}

}  // namespace

CgroupFacts read_cgroup(const Dir& root) {
    CgroupFacts facts;
    const ProcFiles proc = read_proc(root);
    const auto unified = find_controller(root, proc, "", true);
    if (const auto cpuset = find_controller(root, proc, "cpuset", false)) read_cpuset(root, *cpuset, facts);
    if (!facts.cpus && unified) read_cpuset(root, *unified, facts);
    if (const auto cpu = find_controller(root, proc, "cpu", false)) read_quota(root, *cpu, facts);
    if (!facts.quota && unified) read_quota(root, *unified, facts);
    return facts;
}

}  // namespace torque
