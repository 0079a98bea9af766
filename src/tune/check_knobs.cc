// The files that a layout wants written, and cpuset partitions that the kernel gave up.
#include "tune/check_knobs.h"

#include <algorithm>

#include "base/format.h"
#include "base/parse.h"
#include "probes/read.h"
#include "tune/check_context.h"

namespace torque::tune {
namespace {

enum class Form { text, list, mask, switches };

struct FileForm {
    std::string_view name;
    Form form;
};

// Documentation/admin-guide/cgroup-v2.rst, core-api/irq/irq-affinity.rst, core-api/workqueue.rst,
// networking/scaling.rst, admin-guide/lockup-watchdogs.rst.
constexpr FileForm kForms[] = {
    {"cpuset.cpus", Form::list},
    {"cpuset.cpus.exclusive", Form::list},
    {"cpuset.mems", Form::list},
    {"smp_affinity_list", Form::list},
    {"watchdog_cpumask", Form::list},
    {"smp_affinity", Form::mask},
    {"default_smp_affinity", Form::mask},
    {"cpumask", Form::mask},
    {"rps_cpus", Form::mask},
    {"xps_cpus", Form::mask},
    {"cgroup.subtree_control", Form::switches},
};

Form form_of(std::string_view path) {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    const auto known = std::find_if(std::begin(kForms), std::end(kForms),
                                    [=](const FileForm& one) { return one.name == name; });
    return known == std::end(kForms) ? Form::text : known->form;
}

// "+cpuset -io": each is on, or off.
bool are_switched(std::string_view wanted, std::string_view found) {
    while (!wanted.empty()) {
        const std::string_view word = take_until(wanted, ' ');
        if (word.size() < 2) continue;
        if (has_word(found, word.substr(1)) != (word.front() == '+')) return false;
    }
    return true;
}

bool is_same_set(const Result<CpuSet>& a, const Result<CpuSet>& b) {
    return a && b && *a == *b;
}

// A layout may come from anywhere: it names no file outside the kernel's, and no way out of them.
bool is_kernel_file(std::string_view path) {
    if (path.find('\0') != path.npos || path.find("/../") != path.npos || path.ends_with("/..")) return false;
    return path.starts_with("/sys/") || path.starts_with("/proc/sys/") || path.starts_with("/proc/irq/");
}

// What to type, unless the layout's own text is one that no shell should see.
std::string mend_knob(const std::string& path, const std::string& value, bool make_folder) {
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/.,:+-_=@ ";
    if ((path + value).find_first_not_of(kPlain) != std::string::npos)
        return "write what is expected to the file";
    const std::string folder = path.substr(0, path.rfind('/'));
    return formatted("{}echo '{}' > {}", make_folder ? formatted("mkdir {}; ", folder) : "", value, path);
}

// Groups below `path` that have a cpuset: only below those can there be others.
void find_partitions(const Dir& root, const std::string& path, int depth, std::vector<std::string>& found) {
    constexpr int kDepthMax = 8;
    constexpr std::size_t kGroupsMax = 4096;
    for (const std::string& name : root.list(path)) {
        if (found.size() >= kGroupsMax || name.starts_with("cpuset.") || name.starts_with("cgroup."))
            continue;
        const std::string group = path + "/" + name;
        if (!root.read(group + "/cpuset.cpus.partition")) continue;
        found.push_back(group);
        if (depth < kDepthMax) find_partitions(root, group, depth + 1, found);
    }
}

}  // namespace

bool has_word(std::string_view text, std::string_view wanted) {
    while (!text.empty()) {
        if (take_until(text, ' ') == wanted) return true;
    }
    return false;
}

std::string_view knob_choice(std::string_view text) {
    const std::size_t open = text.find('['), close = text.find(']', open == text.npos ? 0 : open);
    return open == text.npos || close == text.npos ? text : text.substr(open + 1, close - open - 1);
}

bool knob_holds(std::string_view path, std::string_view wanted, std::string_view found) {
    wanted = trim_space(wanted);
    found = trim_space(found);
    switch (form_of(path)) {
        case Form::list:
            return is_same_set(CpuSet::parse_list(wanted), CpuSet::parse_list(found));
        case Form::mask:
            return is_same_set(CpuSet::parse_mask(wanted), CpuSet::parse_mask(found));
        case Form::switches:
            return are_switched(wanted, found);
        case Form::text:
            break;
    }
    return wanted == found || wanted == knob_choice(found);
}

std::string knob_text(std::string_view found) {
    constexpr std::size_t kTextMax = 200;
    found = trim_space(found);
    return found.empty() ? "nothing" : printable(found, kTextMax);
}

void check_knobs(const Check& check, const CheckContext& context, Rows& rows) {
    constexpr std::size_t kPathMax = 500;
    for (const RuntimeKnob& knob : context.layout.runtime) {
        const std::string expected = knob_text(knob.value), shown = printable(knob.path, kPathMax);
        CheckRow row;
        if (!is_kernel_file(knob.path)) {
            row = not_checked(check, expected, "it is no file of /sys, /proc/sys or /proc/irq");
        } else if (const auto text = context.root().read(knob.path.substr(1))) {
            row = answer(check, knob_holds(knob.path, knob.value, *text), expected, knob_text(*text),
                         mend_knob(shown, expected, false));
        } else if (context.host.is_live && knob.path.starts_with("/sys/fs/cgroup/")) {
            // A group that nobody has made is a thing undone, not one that this kernel does not have.
            const bool is_v2 = context.root().read("sys/fs/cgroup/cgroup.controllers").has_value();
            row = answer(check, false, expected, "no such file",
                         is_v2 ? mend_knob(shown, expected, true)
                               : "mount the control groups of version 2 at /sys/fs/cgroup");
        } else {
            row = not_checked(check, expected, why_unread(context, std::string_view(knob.path).substr(1)));
        }
        row.source = shown;
        rows.push_back(std::move(row));
    }
}

// The kernel takes a partition away when its CPUs are no longer to be had, and says so in its file only.
void check_partitions(const Check& check, const CheckContext& context, Rows& rows) {
    if (!context.asks_isolation()) return;
    std::vector<std::string> groups;
    find_partitions(context.root(), "sys/fs/cgroup", 0, groups);
    bool has_partition = false;
    for (const std::string& group : groups) {
        const std::string path = group + "/cpuset.cpus.partition";
        const std::string state = context.root().read(path).value_or("");
        if (state.find("invalid") == state.npos) {
            has_partition = has_partition || state == "isolated" || state == "root";
            continue;
        }
        const auto cpus = read_cpu_list(context.root(), group + "/cpuset.cpus");
        const std::string shown = "/" + printable(path, 500);
        // A row of its own has the one that the layout asks for.
        if (context.has_knob(path) || !cpus || !cpus->intersects(context.layout.isolated)) continue;
        CheckRow row = answer(check, false, "a partition in force", knob_text(state),
                              formatted("mend its cpuset.cpus, or echo member > {}", shown));
        row.source = shown;
        rows.push_back(std::move(row));
        return;
    }
    if (has_partition) rows.push_back(answer(check, true, "none invalid", "none invalid", ""));
}

}  // namespace torque::tune
