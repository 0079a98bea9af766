#include "plan/explain.h"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "plan/words.h"

namespace torque::planning {
namespace {

std::string node_name(const SurveyNode& node) {
    return node.id ? fmt::format("node {}", node.id->value) : std::string("the machine");
}

// CPUs of the cores that were passed over for one reason, and how many cores they are.
struct PassedOver {
    CpuSet cpus;
    int cores = 0;
};

PassedOver passed_over(const Survey& survey, Passed reason) {
    PassedOver out;
    for (const SurveyCore& core : survey.cores) {
        if (core.passed != reason) continue;
        out.cpus |= core.cpus;
        ++out.cores;
    }
    return out;
}

std::string why_boot_core(const Outcome& o) {
    const PassedOver boot = passed_over(o.survey, Passed::boot);
    if (boot.cores == 0) {
        return o.survey.container ? fmt::format(
                                        "the boot CPU {} is outside the container, so no core is kept from "
                                        "the workers for its sake",
                                        o.survey.boot_cpu)
                                  : std::string();
    }
    return fmt::format(
        "the core of boot CPU {} ({}) hosts no worker: it keeps the tick, nohz_full cannot hold it and "
        "irqaffinity always contains it",
        o.survey.boot_cpu, cpus_text(boot.cpus));
}

std::string why_siblings(const Outcome& o) {
    const CpuSet& idle = o.division.idle;
    const PassedOver split = passed_over(o.survey, Passed::split);
    std::string why;
    if (o.request.smt == SmtPolicy::use) {
        why = "second threads get workers once every core has one";
        if (!idle.empty()) why += fmt::format("; {} of the workers' cores stay idle", idle.list());
    } else if (o.machine.cores.empty()) {
        why = "which CPUs share a core is not known: each is taken for one";
    } else if (idle.empty()) {
        why = "the workers' cores have no second online thread that would have to be kept quiet";
    } else if (o.request.smt == SmtPolicy::housekeeping) {
        why = fmt::format(
            "the second threads {} stay in housekeeping and share their cores' execution units and "
            "caches with the workers",
            idle.list());
    } else if (o.request.smt == SmtPolicy::offline) {
        why = fmt::format("the second threads {} are isolated and to be taken offline", idle.list());
    } else if (o.request.smt == SmtPolicy::assist) {
        why = fmt::format(
            "the second threads {} are isolated, and each serves its worker's submission-queue poller "
            "and interrupts",
            idle.list());
    } else {
        why = fmt::format(
            "cores are isolated whole, so the second threads {} stay idle and nothing shares a worker's core",
            idle.list());
    }
    if (split.cores > 0) {
        why += fmt::format("; {} ({}) passed over because only some of the threads are allowed",
                           counted(split.cores, "core"), cpus_text(split.cpus));
    }
    return why;
}

std::string why_class(const Outcome& o) {
    const PassedOver other = passed_over(o.survey, Passed::other_class);
    int tiers_used = 0;
    for (const Seat& seat : o.placement.seats)
        tiers_used = std::max(tiers_used, o.survey.core(seat.core).tier + 1);
    if (other.cores > 0) {
        return fmt::format("{} of another class ({}) passed over with --class {}",
                           counted(other.cores, "core"), cpus_text(other.cpus),
                           o.request.core_class == ClassChoice::efficiency ? "efficiency" : "best");
    }
    if (o.survey.tiers > 1) {
        return fmt::format("any class may host workers, the fastest first: {} of {} classes are used",
                           tiers_used, o.survey.tiers);
    }
    return "all cores that may host a worker are of one class";
}

std::string why_floor(const Outcome& o) {
    if (!o.placement.keeps_floor) {
        return fmt::format(
            "the container has no core left for housekeeping beside {}: housekeeping is outside",
            counted(static_cast<int>(o.workers.size()), "worker"));
    }
    std::string why = "whole cores kept for housekeeping, one for each 16 workers:";
    const char* separator = " ";
    for (std::size_t i = 0; i < o.survey.nodes.size(); ++i) {
        const int workers = o.placement.node_workers[i];
        if (workers == 0) continue;
        const SurveyNode& node = o.survey.nodes[i];
        int kept = 0;
        for (int core : node.cores) {
            const SurveyCore& candidate = o.survey.core(core);
            if (candidate.in_universe && !candidate.cpus.intersects(o.division.isolated)) ++kept;
        }
        why += fmt::format("{}{} keeps {} (floor {}) beside {}", separator, node_name(node), kept,
                           floor_cores(workers), counted(workers, "worker"));
        separator = "; ";
    }
    if (!o.placement.floor.empty()) {
        CpuSet floor;
        for (int core : o.placement.floor) floor |= o.survey.core(core).cpus;
        why += fmt::format("; {} could have hosted workers and were kept back", cpus_text(floor));
    }
    return why;
}

std::string why_order(const Outcome& o) {
    CpuSet workers;
    for (const Worker& worker : o.workers) workers.add(worker.cpu);
    return fmt::format(
        "the highest-numbered cores come first: low CPUs get the boot-time and legacy interrupts; "
        "workers are on {}",
        cpus_text(workers));
}

std::string why_isolated(const Outcome& o) {
    if (o.request.isolate == Isolate::rest) {
        return fmt::format("everything but the housekeeping floor is isolated: {}",
                           cpus_text(o.division.isolated));
    }
    return fmt::format("only the workers' cores are isolated: {}; housekeeping keeps {}",
                       cpus_text(o.division.isolated), cpus_text(o.division.housekeeping));
}

std::string why_spread(const Outcome& o) {
    std::vector<int> caches;
    for (const Seat& seat : o.placement.seats) caches.push_back(o.survey.core(seat.core).llc);
    std::sort(caches.begin(), caches.end());
    caches.erase(std::unique(caches.begin(), caches.end()), caches.end());
    int nodes = 0;
    for (int workers : o.placement.node_workers) nodes += workers > 0 ? 1 : 0;
    const bool spread = o.request.policy == Policy::spread;
    return fmt::format("{}: {} over {} and {}",
                       spread ? "spread, to use every cache and memory channel"
                              : "huddle, to stay within as few caches as fit",
                       counted(static_cast<int>(o.workers.size()), "worker"), counted(nodes, "node"),
                       counted(static_cast<int>(caches.size()), "last-level cache"));
}

std::string why_near(const Outcome& o) {
    if (!o.request.near) return {};
    if (o.survey.near == nullptr)
        return fmt::format("no preference: the node of {} is unknown", *o.request.near);
    const SurveyNode& nearest = o.survey.nodes.front();
    std::string why = fmt::format("{} is on node {}", *o.request.near, o.survey.near->node->value);
    if (nearest.id && *nearest.id != *o.survey.near->node) {
        why += fmt::format(", which has no CPUs; {} is the nearest that has", node_name(nearest));
    }
    const int elsewhere = static_cast<int>(o.workers.size()) - o.placement.node_workers.front();
    if (elsewhere > 0)
        return why + fmt::format("; {} did not fit there and spilled over by distance",
                                 counted(elsewhere, "worker"));
    return why + ", where all workers are";
}

std::string why_memory(const Outcome& o) {
    int remote = 0;
    for (const Worker& worker : o.workers) {
        if (worker.node && !worker.memory_nodes.empty() && worker.memory_nodes.front() != *worker.node)
            ++remote;
    }
    const auto bare = std::count_if(o.machine.nodes.begin(), o.machine.nodes.end(),
                                    [](const Node& node) { return node.cpus.empty(); });
    std::string why = "each worker's memory is on its own node";
    if (remote > 0) {
        why = fmt::format("the nodes of {} have no memory: theirs is on the nearest node that has some",
                          counted(remote, "worker"));
    }
    if (bare > 0) why += fmt::format("; {} without CPUs not used", counted(static_cast<int>(bare), "node"));
    return why;
}

std::string why_offline(const Outcome& o) {
    std::string why;
    if (!o.division.absent.empty()) {
        why = fmt::format(
            "offline CPUs {} are threads of isolated cores by the numbering of the others, and are isolated "
            "too, so that they are quiet when they come online",
            o.division.absent.list());
    }
    const CpuSet rest = o.survey.unplaced & o.division.housekeeping;
    if (!rest.empty()) {
        why += fmt::format("{}offline CPUs {} belong to housekeeping", why.empty() ? "" : "; ", rest.list());
    }
    return why;
}

std::string why_buffers(const Outcome& o) {
    int least = o.workers.front().buffers.count;
    int most = least;
    for (const Worker& worker : o.workers) {
        least = std::min(least, worker.buffers.count);
        most = std::max(most, worker.buffers.count);
    }
    return fmt::format(
        "{} receive buffers of {} bytes a worker: a power of two of them within half of its share of the "
        "level 2 cache, at least 256 (also where the cache is unknown), at most 4,096",
        least == most ? fmt::format("{}", least) : fmt::format("{} to {}", least, most),
        o.workers.front().buffers.size_bytes);
}

// Rules in the order of their numbers; an empty reason means that the rule had no part in the plan.
struct Row {
    const char* rule;
    std::string (*why)(const Outcome&);
};

constexpr Row kRows[] = {
    {"R1", why_boot_core}, {"R2", why_siblings}, {"R3", why_class},  {"R4", why_floor},
    {"R5", why_order},     {"R6", why_isolated}, {"R7", why_spread}, {"R8", why_near},
};

constexpr Row kLateRows[] = {
    {"R12", why_memory},
    {"R13", why_offline},
    {"buffers", why_buffers},
};

void add(std::vector<Decision>& out, const char* rule, std::string why) {
    if (!why.empty()) out.push_back({rule, std::move(why)});
}

std::string why_boot_line(const Outcome& o) {
    if (!o.boot.boot.cmdline) return {};
    if (o.boot.strided) {
        return fmt::format("strides in the kernel's list grammar save {} characters of the boot line",
                           o.boot.saved);
    }
    return "the lists of the boot line read back by the kernel's grammar as the plan means them";
}

// Offline CPUs that may be threads of an isolated core: some such core has fewer threads than its class is
// known to have, or nothing is known of how many it should have.
CpuSet hidden_siblings(const Outcome& o) {
    std::map<int, int> threads_max;  // by class
    for (const SurveyCore& core : o.survey.cores) {
        threads_max[core.rank] = std::max(threads_max[core.rank], (core.cpus | core.absent).count());
    }
    for (const CoreType& type : o.machine.types) {
        int& most = threads_max[class_rank(o.machine, type.id)];
        most = std::max(most, type.threads_per_core.value_or(1));
    }
    const bool any_incomplete =
        std::any_of(o.survey.cores.begin(), o.survey.cores.end(), [&](const SurveyCore& core) {
            const int most = threads_max[core.rank];
            return o.division.isolated.intersects(core.cpus) &&
                   (most == 1 || (core.cpus | core.absent).count() < most);
        });
    if (!any_incomplete) return {};
    CpuSet listed;  // a CPU that is merely possible has no core yet
    for (const Cpu& cpu : o.machine.cpus) listed.add(cpu.id);
    return o.survey.unplaced & listed;
}

}  // namespace

std::vector<Decision> decisions(const Outcome& outcome) {
    std::vector<Decision> out;
    if (outcome.survey.lone_core) {
        const SurveyCore& core = outcome.survey.core(*outcome.survey.lone_core);
        add(out, "R10",
            fmt::format("only one core ({}) is usable: one worker on its last thread, nothing isolated, "
                        "no boot line",
                        cpus_text(core.cpus)));
    } else {
        for (const Row& row : kRows) add(out, row.rule, row.why(outcome));
        if (!outcome.request.workers) {
            add(out, "R9",
                fmt::format("auto: {} of {} used", outcome.workers.size(), counted(outcome.slots, "slot")));
        }
    }
    if (outcome.survey.container) {
        add(out, "R11",
            fmt::format("the cgroup allows {} of {}: a boot line is the host's to write, so there is none",
                        cpus_text(outcome.survey.universe), outcome.machine.host.online.list()));
    }
    for (const Row& row : kLateRows) add(out, row.rule, row.why(outcome));
    add(out, "R16", why_boot_line(outcome));
    return out;
}

std::vector<std::string> warnings(const Outcome& o) {
    std::vector<std::string> out = o.survey.warnings;
    if (const CpuSet hidden = hidden_siblings(o); !hidden.empty()) {
        out.push_back(
            fmt::format("CPUs {} are offline and the kernel hides their cores: one that comes online next to "
                        "a worker would disturb it",
                        hidden.list()));
    }
    if (o.machine.cores.empty()) {
        out.push_back(
            "the machine does not tell which CPUs share a core, so each is taken for one: a sibling may "
            "disturb a "
            "worker");
    }
    if (o.request.smt == SmtPolicy::housekeeping && !o.division.idle.empty()) {
        out.push_back(
            fmt::format("CPUs {} share cores with workers and are not isolated", o.division.idle.list()));
    }
    if (o.request.smt == SmtPolicy::assist && o.division.idle.empty()) {
        out.push_back("--smt assist has nothing to give: the workers' cores have no second thread");
    }
    if (o.survey.lone_core) {
        out.push_back("nothing can be isolated on one core: the worker shares it with everything else");
    }
    if (o.boot.boot.cmdline && o.machine.host.cmdline) {
        for (std::string& conflict : boot_conflicts(o.boot.boot, *o.machine.host.cmdline))
            out.push_back(std::move(conflict));
    }
    return out;
}

std::vector<std::string> leftovers(const Outcome& o) {
    std::vector<std::string> out;
    int managed = 0;
    std::optional<int> first;
    for (const Irq& irq : o.machine.irqs) {
        if (!irq.managed.value_or(false) || irq.cpus.empty() || !o.division.isolated.contains(irq.cpus))
            continue;
        ++managed;
        first = first ? std::min(*first, irq.irq) : irq.irq;
    }
    if (managed > 0) {
        out.push_back(
            fmt::format("{} (the first is {}) may only run on isolated CPUs: managed_irq steers an interrupt "
                        "away only where its mask holds a housekeeping CPU",
                        counted(managed, "managed interrupt"), *first));
    }
    const Device* near = o.survey.near;
    const int workers = static_cast<int>(o.workers.size());
    if (near != nullptr && near->kind == "network" && near->queues && *near->queues < workers) {
        out.push_back(fmt::format("{} has {} for {}: its interrupts stay on housekeeping CPUs",
                                  *o.request.near, counted(*near->queues, "queue"),
                                  counted(workers, "worker")));
    }
    return out;
}

}  // namespace torque::planning
