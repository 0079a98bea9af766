#include "probes/kernel.h"

#include "probes/read.h"

namespace torque {
namespace {

std::optional<std::uint64_t> total_memory(const Dir& root) {
    const auto text = root.read("proc/meminfo");
    std::string_view line = text ? std::string_view(*text) : std::string_view{};
    line = take_line(line);
    if (!line.starts_with("MemTotal:")) return std::nullopt;
    line = trim_space(line.substr(9));
    const auto kib = parse_unsigned(take_until(line, ' '), std::uint64_t{1} << 50);
    return kib ? std::optional(*kib << 10) : std::nullopt;
}

// A line of /proc/self/limits: "Max open files            1024                 20000                files".
void read_limits(const Dir& root, Limits& limits) {
    const auto text = root.read("proc/self/limits");
    for (std::string_view rest = text ? std::string_view(*text) : std::string_view{}; !rest.empty();) {
        const std::string_view line = take_line(rest);
        const auto values_of = [&](std::string_view name) -> std::string_view {
            return line.starts_with(name) ? trim_space(line.substr(name.size())) : std::string_view{};
        };
        if (std::string_view values = values_of("Max open files"); !values.empty()) {
            limits.nofile = parse_unsigned(take_until(values, ' '));
            values = trim_space(values);
            limits.nofile_hard = parse_unsigned(take_until(values, ' '));
        }
        if (std::string_view values = values_of("Max locked memory"); !values.empty()) {
            limits.memlock_bytes = parse_unsigned(take_until(values, ' '));
        }
    }
}

}  // namespace

KernelFacts read_kernel(const Dir& root) {
    KernelFacts facts;
    if (const auto version = root.read("proc/version")) {
        std::string_view rest = *version;  // "Linux version 6.12.0 (...) ..."
        take_until(rest, ' ');
        take_until(rest, ' ');
        const std::string_view release = take_until(rest, ' ');
        if (!release.empty()) facts.release = std::string(trim_space(release));
    }
    facts.cmdline = root.read("proc/cmdline");
    facts.memory_bytes = total_memory(root);
    read_limits(root, facts.limits);
    facts.limits.threads_max = read_unsigned(root, "proc/sys/kernel/threads-max");
    facts.limits.io_uring_disabled = read_int(root, "proc/sys/kernel/io_uring_disabled");
    return facts;
}

}  // namespace torque
