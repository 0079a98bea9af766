#include "measure/room.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/parse.h"

namespace torque::measure {
namespace {

// The number of kB behind `name` in a line of either meminfo.
std::optional<std::uint64_t> meminfo_bytes(const Dir& root, const std::string& path, std::string_view name) {
    const auto text = root.read(path);
    if (!text) return std::nullopt;
    for (std::string_view rest = *text; !rest.empty();) {
        std::string_view line = take_line(rest);
        const std::size_t at = line.find(name);
        if (at == line.npos) continue;
        line.remove_prefix(at + name.size());
        line = trim_space(line);
        if (!line.ends_with(" kB")) continue;
        const auto kib = parse_unsigned(trim_space(line.substr(0, line.size() - 3)), std::uint64_t{1} << 50);
        if (kib) return *kib * 1024;
    }
    return std::nullopt;
}

std::optional<std::uint64_t> number(const Dir& root, const std::string& path) {
    const auto text = root.read(path);
    return text ? parse_unsigned(*text) : std::nullopt;  // "max" is no limit
}

struct Names {
    const char *mount, *limit, *used;
};
constexpr Names kVersion2{"sys/fs/cgroup", "memory.max", "memory.current"};
constexpr Names kVersion1{"sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"};

// Of the cgroup at `path` and of those above it.
void take_least(const Dir& root, const Names& names, std::string path, std::optional<std::uint64_t>& least) {
    while (true) {
        const std::string folder = names.mount + path + "/";
        const auto limit = number(root, folder + names.limit), used = number(root, folder + names.used);
        if (limit && used) {
            const std::uint64_t left = *limit - std::min(*limit, *used);
            least = std::min(least.value_or(left), left);
        }
        const std::size_t slash = path.rfind('/');
        if (slash == path.npos) return;
        path.resize(slash);
    }
}

std::optional<std::uint64_t> cgroup_room(const Dir& root) {
    const auto text = root.read("proc/self/cgroup");
    if (!text) return std::nullopt;
    std::optional<std::uint64_t> least;
    for (std::string_view rest = *text; !rest.empty();) {
        std::string_view line = take_line(rest);
        take_until(line, ':');
        const std::string_view controllers = take_until(line, ':');
        const std::string path(line == "/" ? std::string_view() : line);
        if (controllers.empty()) take_least(root, kVersion2, path, least);
        if (controllers == "memory") take_least(root, kVersion1, path, least);
    }
    return least;
}

}  // namespace

std::optional<std::uint64_t> free_bytes(const Dir& root, std::optional<NodeId> node) {
    std::optional<std::uint64_t> least = cgroup_room(root);
    const auto take = [&](std::optional<std::uint64_t> bytes) {
        if (bytes) least = std::min(least.value_or(*bytes), *bytes);
    };
    take(meminfo_bytes(root, "proc/meminfo", "MemAvailable:"));
    if (node) {
        const std::string path = "sys/devices/system/node/node" + std::to_string(node->value) + "/meminfo";
        take(meminfo_bytes(root, path, "MemFree:"));
    }
    return least;
}

}  // namespace torque::measure
