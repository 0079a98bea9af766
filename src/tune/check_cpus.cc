// The machine itself: is it the layout's, are the workers' CPUs there, and do they tick?

#include <algorithm>
#include <map>

#include "base/format.h"
#include "base/parse.h"
#include "plan/words.h"
#include "probes/read.h"
#include "tune/check_context.h"

namespace torque::tune {
namespace {

// Of the busy tick, which comes at least 100 times a second (CONFIG_HZ), a CPU that a timer wakes now and
// then is far away.
constexpr std::uint64_t kTicksPerSecondMax = 50;

CpuSet worker_cpus(const Layout& layout) {
    CpuSet cpus;
    for (const Worker& worker : layout.workers) cpus.add(worker.cpu);
    return cpus;
}

// What x86 begins the line of its local timers with, and what that of arm64 ends with
// (drivers/clocksource/arm_arch_timer.c).
bool counts_ticks(std::string_view line) {
    return line.starts_with("LOC:") || line.ends_with(" arch_timer");
}

// Local timer interrupts of each CPU so far; the first line names the columns.
std::map<int, std::uint64_t> read_ticks(const Dir& root) {
    std::map<int, std::uint64_t> ticks;
    const auto text = root.read("proc/interrupts");
    if (!text) return ticks;
    std::string_view rest = *text, header = take_line(rest);
    while (!rest.empty()) {
        std::string_view line = trim_space(take_line(rest));
        if (!counts_ticks(line)) continue;
        take_until(line, ':');
        while (!header.empty()) {
            header = trim_space(header);
            line = trim_space(line);
            const std::string_view column = take_until(header, ' ');
            const auto count = parse_unsigned(take_until(line, ' '));
            const auto cpu =
                column.starts_with("CPU") ? parse_unsigned(column.substr(3), CpuSet::kMaxCpu) : std::nullopt;
            if (!cpu || !count) break;
            ticks[static_cast<int>(*cpu)] = *count;
        }
        return ticks;
    }
    return ticks;
}

void compare_worker(const Worker& worker, const Machine& machine, std::vector<std::string>& found) {
    const int id = worker.cpu.value;
    const auto cpu = std::find_if(machine.cpus.begin(), machine.cpus.end(),
                                  [&](const Cpu& one) { return one.id == worker.cpu; });
    if (cpu == machine.cpus.end()) {
        found.push_back(formatted("CPU {} of worker {} is not there", id, worker.id));
        return;
    }
    for (const Core& core : machine.cores) {
        if (!core.cpus.contains(id)) continue;
        CpuSet siblings = core.cpus;
        siblings.remove(id);
        if (siblings != (worker.siblings & machine.host.online)) {
            found.push_back(formatted("the siblings of CPU {} are {} in the layout, {} here", id,
                                      list_or_none(worker.siblings), list_or_none(siblings)));
        }
    }
    if (worker.node && cpu->node && *worker.node != *cpu->node) {
        found.push_back(formatted("CPU {} is on node {} in the layout, on node {} here", id,
                                  worker.node->value, cpu->node->value));
    }
}

}  // namespace

std::vector<std::string> machine_differences(const Layout& layout, const Machine& machine) {
    std::vector<std::string> found;
    if (layout.machine.fingerprint == machine.fingerprint) return found;
    CpuSet possible = machine.host.possible;
    for (const Cpu& cpu : machine.cpus) possible.add(cpu.id);
    if (possible != layout.machine.possible_cpus) {
        found.push_back(formatted("the possible CPUs are {} in the layout, {} here",
                                  list_or_none(layout.machine.possible_cpus), list_or_none(possible)));
    }
    const auto& model = machine.host.model;
    if (model && layout.machine.model && *model != *layout.machine.model) {
        found.push_back(formatted("the model is '{}' in the layout, '{}' here",
                                  printable(*layout.machine.model), printable(*model)));
    }
    for (const Worker& worker : layout.workers) compare_worker(worker, machine, found);
    return found;
}

void check_machine(const Check& check, const CheckContext& context, Rows& rows) {
    const auto differences = machine_differences(context.layout, context.machine);
    rows.push_back(answer(check, differences.empty(), "the layout's machine",
                          differences.empty() ? "the layout's machine" : differences.front(),
                          "make a layout for this machine: torque-topo plan"));
}

namespace {

// A partition takes its CPUs from everybody else, this process as well.
CpuSet cpus_of_own_groups(const CheckContext& context) {
    constexpr std::string_view kEnd = ".partition";
    CpuSet cpus;
    for (const RuntimeKnob& knob : context.layout.runtime) {
        if (!knob.path.starts_with("/sys/fs/cgroup/") || !knob.path.ends_with("/cpuset.cpus.partition"))
            continue;
        const std::string path = knob.path.substr(1, knob.path.size() - 1 - kEnd.size()) + ".effective";
        cpus |= read_cpu_list(context.root(), path).value_or(CpuSet{});
    }
    return cpus;
}

}  // namespace

void check_worker_cpus(const Check& check, const CheckContext& context, Rows& rows) {
    const CpuSet wanted = worker_cpus(context.layout);
    CpuSet offline = wanted - context.machine.host.online, forbidden;
    for (const Cpu& cpu : context.machine.cpus) {
        if (wanted.contains(cpu.id) && cpu.online && !cpu.allowed) forbidden.add(cpu.id);
    }
    forbidden -= cpus_of_own_groups(context);
    std::string found = wanted.list();
    if (!offline.empty()) found = "offline: " + offline.list();
    if (!forbidden.empty())
        found = formatted("{}not allowed: {}", offline.empty() ? "" : found + "; ", forbidden.list());
    const std::string mend =
        offline.empty() ? "a cpuset forbids it: cpuset.cpus of the cgroup, docker --cpuset-cpus"
                        : formatted("echo 1 > /sys/devices/system/cpu/cpu{}/online", offline.first());
    rows.push_back(
        answer(check, offline.empty() && forbidden.empty(), wanted.list(), std::move(found), mend));
}

void check_siblings_offline(const Check& check, const CheckContext& context, Rows& rows) {
    if (context.layout.request.smt != SmtPolicy::offline || context.has_knob("/online")) return;
    CpuSet siblings;
    for (const Worker& worker : context.layout.workers) siblings |= worker.siblings;
    if (siblings.empty()) return;
    const CpuSet online = siblings & context.machine.host.online;
    rows.push_back(answer(check, online.empty(), "offline: " + siblings.list(),
                          online.empty() ? "offline: " + siblings.list() : "online: " + online.list(),
                          formatted("echo 0 > /sys/devices/system/cpu/cpu{}/online", online.first())));
}

void check_ticks(const Check& check, const CheckContext& context, Rows& rows) {
    // CPUs that tick for want of nohz_full are that check's.
    const CpuSet cpus =
        context.wanted.nohz_full & context.machine.host.nohz_full & context.machine.host.online;
    if (cpus.empty()) return;
    const std::string expected =
        formatted("{} tick at most {} times a second", planning::cpus_text(cpus), kTicksPerSecondMax);
    if (!context.host.is_live) return rows.push_back(not_checked(check, expected, "a copy does not tick"));
    if (!context.wait_a_second) {
        return rows.push_back(not_checked(check, expected, "it takes a second, and --no-wait was given"));
    }
    const auto before = read_ticks(context.root());
    context.wait_a_second();
    const auto after = read_ticks(context.root());
    CpuSet seen, ticking;
    std::uint64_t most = 0;
    for (int cpu : cpus) {
        const auto a = before.find(cpu), b = after.find(cpu);
        if (a == before.end() || b == after.end() || b->second < a->second) continue;
        seen.add(cpu);
        most = std::max(most, b->second - a->second);
        if (b->second - a->second > kTicksPerSecondMax) ticking.add(cpu);
    }
    if (seen != cpus) {
        return rows.push_back(
            not_checked(check, expected, "/proc/interrupts has no line of a timer for these CPUs"));
    }
    const std::string found = ticking.empty()
                                  ? formatted("at most {} times", most)
                                  : formatted("{}: up to {} times", planning::cpus_text(ticking), most);
    rows.push_back(answer(check, ticking.empty(), expected, found,
                          "more than one thread runs there, or one sets timers of its own, or the kernel's "
                          "deadline server ticks (6.8 and later): ps -eLo psr,pid,comm shows who"));
}

}  // namespace torque::tune
