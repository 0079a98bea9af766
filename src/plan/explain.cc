#include "plan/explain.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/format.h"
#include "plan/words.h"

namespace torque::planning {
namespace {

std::string node_name(const SurveyNode& node) {
    return node.id ? formatted("node {}", node.id->value) : std::string("the machine");
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
        return o.survey.container ? formatted(
                                        "the boot CPU {} is outside the container, so no core is kept from "
                                        "the workers for its sake",
                                        o.survey.boot_cpu)
                                  : std::string();
    }
    return formatted(
        "CPU {} is the boot CPU, so its core ({}) hosts no worker: the kernel keeps the tick there, takes it "
        "out of "
        "nohz_full and always sends it interrupts",
        o.survey.boot_cpu, cpus_text(boot.cpus));
}

std::string why_siblings(const Outcome& o) {
    const CpuSet& idle = o.division.idle;
    const PassedOver split = passed_over(o.survey, Passed::split);
    std::string why;
    if (o.request.smt == SmtPolicy::use) {
        why = "second threads get workers once every core has one";
        if (!idle.empty()) why += formatted("; {} of the workers' cores stay idle", idle.list());
    } else if (o.machine.cores.empty()) {
        why = "which CPUs share a core is not known: each is taken for one";
    } else if (idle.empty()) {
        why = "the workers' cores have no second online thread that would have to be kept quiet";
    } else if (o.request.smt == SmtPolicy::housekeeping) {
        why = formatted(
            "the second threads {} stay in housekeeping and share their cores' execution units and "
            "caches with the workers",
            idle.list());
    } else if (o.request.smt == SmtPolicy::offline) {
        why = formatted("the second threads {} are isolated and to be taken offline", idle.list());
    } else if (o.request.smt == SmtPolicy::assist) {
        why = formatted(
            "the second threads {} are isolated, and each serves its worker's submission-queue poller "
            "and interrupts",
            idle.list());
    } else {
        why = formatted(
            "cores are isolated whole, so their other threads ({}) stay idle and nothing shares a worker's "
            "core",
            idle.list());
    }
    if (split.cores > 0) {
        why += formatted("; {} ({}) passed over because only some of the threads are allowed",
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
        const bool only_slow = o.request.core_class == ClassChoice::efficiency;
        return formatted("{} ({}) passed over: --class any would use {}",
                         counted(other.cores, only_slow ? "other core" : "slower core"),
                         cpus_text(other.cpus), other.cores == 1 ? "it" : "them");
    }
    if (o.survey.tiers > 1) {
        return formatted("any class may host workers, the fastest first: {} of {} classes are used",
                         tiers_used, o.survey.tiers);
    }
    return "all cores that may host a worker are of one class";
}

// "0, 1 and 3".
std::string enumerated(const std::vector<int>& numbers) {
    std::string out;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        out += formatted("{}{}", i == 0 ? "" : i + 1 == numbers.size() ? " and " : ", ", numbers[i]);
    }
    return out;
}

// Nodes that host as many workers and keep as many cores.
struct FloorRow {
    int workers = 0, kept = 0;
    std::vector<int> nodes;  // empty where the machine has no nodes
};

std::vector<FloorRow> floor_rows(const Outcome& o) {
    std::vector<FloorRow> rows;
    for (std::size_t i = 0; i < o.survey.nodes.size(); ++i) {
        const SurveyNode& node = o.survey.nodes[i];
        const int workers = o.placement.node_workers[i];
        if (workers == 0) continue;
        const auto kept = static_cast<int>(std::count_if(node.cores.begin(), node.cores.end(), [&](int core) {
            const SurveyCore& candidate = o.survey.core(core);
            return candidate.in_universe && !candidate.cpus.intersects(o.division.isolated);
        }));
        auto row = std::find_if(rows.begin(), rows.end(),
                                [&](const FloorRow& r) { return r.workers == workers && r.kept == kept; });
        if (row == rows.end()) row = rows.insert(rows.end(), {workers, kept, {}});
        if (node.id) row->nodes.push_back(node.id->value);
    }
    return rows;
}

std::string why_floor(const Outcome& o) {
    if (!o.placement.keeps_floor) {
        return formatted("the container has no core left for housekeeping beside {}: housekeeping is outside",
                         counted(static_cast<int>(o.workers.size()), "worker"));
    }
    std::string why;
    for (const FloorRow& row : floor_rows(o)) {
        const std::string where = row.nodes.empty()       ? "the machine"
                                  : row.nodes.size() == 1 ? "node " + enumerated(row.nodes)
                                                          : "nodes " + enumerated(row.nodes) + " each";
        why += formatted("{}{} {} {} for housekeeping beside {}, where {} would do", why.empty() ? "" : "; ",
                         where, row.nodes.size() > 1 ? "keep" : "keeps", counted(row.kept, "whole core"),
                         counted(row.workers, "worker"), floor_cores(row.workers));
    }
    if (!o.placement.floor.empty()) {
        CpuSet floor;
        for (int core : o.placement.floor) floor |= o.survey.core(core).cpus;
        why +=
            formatted("; {} could have hosted workers and {} kept back for it", cpus_text(floor), was(floor));
    }
    return why;
}

// The cores that could have hosted workers and are neither used nor kept back.
CpuSet unused_slots(const Outcome& o) {
    CpuSet unused;
    for (const SurveyCore& core : o.survey.cores) {
        if (core.is_slot() && o.survey.nodes_eligible > core.node) unused |= core.cpus;
    }
    for (const Seat& seat : o.placement.seats) unused -= o.survey.core(seat.core).cpus;
    for (int core : o.placement.floor) unused -= o.survey.core(core).cpus;
    return unused;
}

std::string why_order(const Outcome& o) {
    CpuSet workers;
    for (const Worker& worker : o.workers) workers.add(worker.cpu);
    const CpuSet unused = unused_slots(o);
    std::string why =
        formatted("{} on {}: ", o.workers.size() == 1 ? "the worker is" : "workers are", cpus_text(workers));
    if (o.request.prefer == Prefer::turbo) {
        why += "of the cores that would do, those that clock highest come first, then the highest-numbered";
    } else {
        why +=
            "of the cores that would do, the highest-numbered come first, since low CPUs get the interrupts "
            "of "
            "boot time and old devices";
    }
    why += unused.empty() ? "; no other core would have done"
                          : formatted("; {} {} not needed", cpus_text(unused), was(unused));
    return why;
}

std::string why_isolated(const Outcome& o) {
    if (o.request.isolate == Isolate::rest) {
        return formatted("everything but the housekeeping floor is isolated: {}",
                         cpus_text(o.division.isolated));
    }
    if (o.request.quiet_llc) {
        return formatted(
            "the workers' cores are isolated, and the unused ones below their last-level caches but the "
            "housekeeping floor: {}; housekeeping keeps {}",
            cpus_text(o.division.isolated), cpus_text(o.division.housekeeping));
    }
    return formatted("only the workers' cores are isolated: {}; housekeeping keeps {}",
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
    return formatted("{} over {} and {}: {}", counted(static_cast<int>(o.workers.size()), "worker"),
                     counted(nodes, "node"), counted(static_cast<int>(caches.size()), "last-level cache"),
                     spread ? "spread, so that each has as much cache and memory bandwidth as there is"
                            : "huddled, so that they share data within as few caches as hold them");
}

std::string why_near(const Outcome& o) {
    if (!o.request.near) return {};
    if (o.survey.near == nullptr)
        return formatted("no preference: the node of {} is unknown", *o.request.near);
    const SurveyNode& nearest = o.survey.nodes.front();
    std::string why = formatted("{} is on node {}", *o.request.near, o.survey.near->node->value);
    if (nearest.id && *nearest.id != *o.survey.near->node) {
        why += formatted(", which has no CPUs; {} is the nearest that has", node_name(nearest));
    }
    const int elsewhere = static_cast<int>(o.workers.size()) - o.placement.node_workers.front();
    if (elsewhere > 0)
        return why +
               formatted("; {} did not fit there and spilled over by distance", counted(elsewhere, "worker"));
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
        why = formatted("the nodes of {} have no memory: theirs is on the nearest node that has some",
                        counted(remote, "worker"));
    }
    if (bare > 0) why += formatted("; {} without CPUs not used", counted(static_cast<int>(bare), "node"));
    return why;
}

std::string why_offline(const Outcome& o) {
    std::string why;
    if (!o.division.absent.empty()) {
        why = formatted("offline {} {} of an isolated core, and isolated with it: quiet when brought online",
                        cpus_text(o.division.absent),
                        o.division.absent.count() == 1 ? "is a thread" : "are threads");
    }
    const CpuSet rest = o.survey.unplaced & o.division.housekeeping;
    if (!rest.empty()) {
        why += formatted("{}offline {} {} left to housekeeping", why.empty() ? "" : "; ", cpus_text(rest),
                         rest.count() == 1 ? "is" : "are");
    }
    return why;
}

std::string size_text(std::uint64_t bytes) {
    if (bytes >= 1U << 20 && bytes % (1U << 18) == 0)
        return formatted("{:g} MiB", static_cast<double>(bytes) / (1U << 20));
    return formatted("{} KiB", bytes >> 10);
}

// The arithmetic of one choice of buffers.
std::string buffers_text(const BufferChoice& choice) {
    std::string text = formatted("{} receive buffers of {} bytes are {}", choice.buffers.count,
                                 choice.buffers.size_bytes, size_text(choice.bytes()));
    const auto& [l2_bytes, tlb_bytes, has_huge_entries] = choice.space;
    if (!l2_bytes) {
        text += ", the least there should be: the level 2 cache is not known";
    } else if (choice.bytes() > *l2_bytes / 2) {
        text += formatted(", the least there should be, though more than half of its {} of level 2 cache",
                          size_text(*l2_bytes));
    } else {
        text += formatted(", within half of its {} of level 2 cache", size_text(*l2_bytes));
    }
    if (!tlb_bytes) return text;
    const std::uint64_t pages = *tlb_bytes >> 12;
    if (choice.huge_pages_pay) {
        return text + formatted("; in 4 KiB pages they take {} of its {} TLB entries, so huge pages pay",
                                choice.bytes() >> 12, pages);
    }
    return text +
           formatted("; they take {} of its {} TLB entries for 4 KiB pages, so huge pages would not pay",
                     choice.bytes() >> 12, pages);
}

std::string why_buffers(const Outcome& o) {
    std::vector<std::pair<BufferChoice, CpuSet>>
        choices;  // and the CPUs with it, in the order of the workers
    for (std::size_t i = 0; i < o.workers.size(); ++i) {
        auto known = std::find_if(choices.begin(), choices.end(),
                                  [&](const auto& entry) { return entry.first == o.buffers[i]; });
        if (known == choices.end()) known = choices.insert(choices.end(), {o.buffers[i], {}});
        known->second.add(o.workers[i].cpu);
    }
    if (choices.size() == 1) return "each worker's " + buffers_text(choices.front().first);
    std::string why;
    for (const auto& [choice, cpus] : choices) {
        why += formatted("{}on {} each worker's {}", why.empty() ? "" : "; ", cpus_text(cpus),
                         buffers_text(choice));
    }
    return why;
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

// How much of the layout to keep was kept.
std::string why_kept(const Outcome& o) {
    if (!o.request.keep) return {};
    CpuSet now;
    for (const Worker& worker : o.workers) now.add(worker.cpu);
    const CpuSet& before = *o.request.keep;
    const CpuSet left = before - now;
    std::string why = formatted("{} of {} CPUs with workers are those of the layout to keep",
                                (now & before).count(), now.count());
    if (!left.empty())
        why += formatted("; {} no longer {} one", cpus_text(left), left.count() == 1 ? "has" : "have");
    return why;
}

// R15 where the workers outnumber the slots.
std::string why_shared(const Outcome& o) {
    if (static_cast<int>(o.workers.size()) <= o.slots) return {};
    return formatted("{} for {}: worker i shares the CPU of worker i modulo {}",
                     counted(static_cast<int>(o.workers.size()), "worker"), counted(o.slots, "slot"),
                     o.slots);
}

std::string why_boot_line(const Outcome& o) {
    if (!o.boot.boot.cmdline) return {};
    if (o.boot.strided) {
        return formatted("strides in the kernel's list grammar save {} characters of the boot line",
                         o.boot.saved);
    }
    return "read back as the kernel reads them, the lists of the boot line are the plan's";
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
            formatted("only one core ({}) is usable: one worker on its last thread, nothing isolated, "
                      "no boot line",
                      cpus_text(core.cpus)));
    } else {
        for (const Row& row : kRows) add(out, row.rule, row.why(outcome));
        if (!outcome.request.workers) {
            add(out, "R9",
                formatted("auto: {} for {}", counted(static_cast<int>(outcome.workers.size()), "worker"),
                          counted(outcome.slots, "slot")));
        }
    }
    if (outcome.survey.container) {
        add(out, "R11",
            formatted("the cgroup allows {} of {}: a boot line is the host's to write, so there is none",
                      cpus_text(outcome.survey.universe), outcome.machine.host.online.list()));
    }
    add(out, "R15", why_shared(outcome));
    for (const Row& row : kLateRows) add(out, row.rule, row.why(outcome));
    add(out, "R16", why_boot_line(outcome));
    add(out, "R17", why_kept(outcome));
    add(out, "R19", outcome.steering.why);
    return out;
}

std::vector<std::string> warnings(const Outcome& o) {
    std::vector<std::string> out = o.survey.warnings;
    if (const CpuSet hidden = hidden_siblings(o); !hidden.empty()) {
        out.push_back(
            formatted("offline {}: the kernel hides of which core, and one that comes online next to "
                      "a worker would disturb it",
                      cpus_text(hidden)));
    }
    if (o.machine.cores.empty()) {
        out.push_back(
            "the machine does not tell which CPUs share a core, so each is taken for one: a sibling may "
            "disturb a "
            "worker");
    }
    if (o.request.smt == SmtPolicy::housekeeping && !o.division.idle.empty()) {
        out.push_back(
            formatted("CPUs {} share cores with workers and are not isolated", o.division.idle.list()));
    }
    if (o.request.smt == SmtPolicy::assist && o.division.idle.empty()) {
        out.push_back("--smt assist has nothing to give: the workers' cores have no second thread");
    }
    CpuSet shared;
    for (const Worker& worker : o.workers) {
        if (worker.is_shared) shared.add(worker.cpu);
    }
    if (!shared.empty()) {
        out.push_back(formatted("{} more than one worker: they take turns",
                                cpus_text(shared) + (shared.count() == 1 ? " has" : " each have")));
    }
    CpuSet foreign;
    for (const Worker& worker : o.workers) foreign |= worker.siblings - o.survey.allowed;
    if (o.request.allow_split && !foreign.empty()) {
        out.push_back(
            formatted("{} share cores with workers and are not the plan's: whatever runs there disturbs them",
                      cpus_text(foreign)));
    }
    if (o.survey.lone_core) {
        out.push_back("nothing can be isolated on one core: the worker shares it with everything else");
    }
    if (o.boot.boot.cmdline) {
        for (std::string& conflict : boot_conflicts(o.boot.boot, o.machine.host.cmdline.value_or("")))
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
            formatted("{} (the first is {}) may only run on isolated CPUs: managed_irq steers an interrupt "
                      "away only where its mask holds a housekeeping CPU",
                      counted(managed, "managed interrupt"), *first));
    }
    out.insert(out.end(), o.steering.leftovers.begin(), o.steering.leftovers.end());
    return out;
}

}  // namespace torque::planning
