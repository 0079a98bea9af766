#include "tune/check_processes.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/parse.h"

namespace torque::tune {
namespace {

constexpr std::size_t kThreadsMax = 1 << 16;
constexpr int kKthreadd = 2;  // parent of all kernel threads
constexpr std::uint64_t kNoSetAffinity = 0x04000000;

// Ids of processes or threads, ascending. They go to 2^22 (PID_MAX_LIMIT), which is more than
// numbered_entries() takes for a number.
std::vector<int> ids_in(const Dir& dir, std::string_view path) {
    std::vector<int> ids;
    for (const std::string& name : dir.list(path)) {
        if (const auto id = parse_unsigned(name, INT32_MAX)) ids.push_back(static_cast<int>(*id));
    }
    std::sort(ids.begin(), ids.end());
    return ids;
}

struct Status {
    std::string name;
    int parent = 0;
    bool has_ended = false;
    CpuSet cpus;
};

std::optional<Status> parse_status(std::string_view text) {
    Status status;
    bool has_cpus = false;
    while (!text.empty()) {
        std::string_view line = take_line(text);
        const std::string_view key = take_until(line, ':');
        const std::string_view value = trim_space(line);
        if (key == "Name") status.name = value;
        if (key == "State") status.has_ended = value.starts_with('Z') || value.starts_with('X');
        if (key == "PPid") status.parent = static_cast<int>(parse_unsigned(value, INT32_MAX).value_or(0));
        if (key != "Cpus_allowed_list") continue;
        auto cpus = CpuSet::parse_list(value);
        if (!cpus) return std::nullopt;
        status.cpus = std::move(*cpus);
        has_cpus = true;
    }
    return has_cpus ? std::optional(std::move(status)) : std::nullopt;
}

std::optional<Status> read_status(const Dir& proc, const std::string& folder) {
    const auto text = proc.read(folder + "/status");
    return text ? parse_status(*text) : std::nullopt;
}

// Field 9 of stat. The name in field 2 may hold blanks and brackets, so the fields are counted behind it.
bool is_fixed(const Dir& proc, const std::string& folder) {
    const auto text = proc.read(folder + "/stat");
    if (!text || text->rfind(") ") == text->npos) return false;
    std::string_view rest = std::string_view(*text).substr(text->rfind(") ") + 2);
    for (int field = 3; field < 9; ++field) take_until(rest, ' ');
    const auto flags = parse_unsigned(take_until(rest, ' '));
    return flags && (*flags & kNoSetAffinity) != 0;
}

void read_threads(const Dir& proc, int process, const Status& first, Processes& out) {
    const std::string folder = std::to_string(process);
    const auto add = [&](int id, const Status& status) {
        if (!status.has_ended)
            out.threads.push_back({process, id, status.name, first.name, status.cpus, false, false});
    };
    add(process, first);
    for (int id : ids_in(proc, folder + "/task")) {
        if (id == process) continue;
        out.is_cut = out.is_cut || out.threads.size() >= kThreadsMax;
        if (out.is_cut) return;
        const auto status = read_status(proc, folder + "/task/" + std::to_string(id));
        if (status) add(id, *status);
    }
}

std::optional<std::string> why_hidden(const Dir& root) {
    if (!root.read("proc/1/status")) {
        return root.read("proc/self/status") ? "other users' processes are hidden (hidepid): root sees them"
                                             : "there are no processes in the data";
    }
    const auto second = root.read("proc/2/comm");
    if (!second || trim_space(*second) != "kthreadd") {
        return "a container shows its own processes only: check on the host";
    }
    return std::nullopt;
}

}  // namespace

Processes read_processes(const Dir& root) {
    Processes out;
    out.why_not = why_hidden(root);
    const auto proc = root.open("proc");
    if (out.why_not || proc == nullptr) return out;
    for (int process : ids_in(*proc, "")) {
        out.is_cut = out.is_cut || out.threads.size() >= kThreadsMax;
        if (out.is_cut) break;
        const std::string folder = std::to_string(process);
        auto status = read_status(*proc, folder);
        if (!status) continue;
        if (process == kKthreadd || status->parent == kKthreadd) {
            if (status->has_ended) continue;
            out.threads.push_back({process, process, status->name, status->name, std::move(status->cpus),
                                   is_fixed(*proc, folder), true});
        } else {
            read_threads(*proc, process, *status, out);
        }
    }
    return out;
}

}  // namespace torque::tune
