// Threads: who may run on the isolated CPUs, and do the server's workers run where the layout says?

#include <algorithm>
#include <cstdint>
#include <map>

#include "base/format.h"
#include "base/parse.h"
#include "plan/words.h"
#include "tune/check_context.h"

namespace torque::tune {
namespace {

// They set their CPUs to those of their node, isolated or not, whatever the boot line says (mm/vmscan.c,
// mm/compaction.c of 6.1 and 6.12).
constexpr std::string_view kNodeThreads[] = {"kswapd", "kcompactd"};

bool is_node_thread(const Thread& thread) {
    return std::any_of(std::begin(kNodeThreads), std::end(kNodeThreads),
                       [&](std::string_view name) { return thread.name.starts_with(name); });
}

std::string threads_text(const std::vector<const Thread*>& threads, const Processes& processes) {
    if (threads.empty()) return processes.is_cut ? "none of the first that were read" : "none";
    return formatted("{}: {}", planning::counted(static_cast<int>(threads.size()), "thread"),
                     some_threads(threads));
}

}  // namespace

// The scheduler does not balance among isolated CPUs: a thread that may run on several of them, or on one
// beside others, runs wherever it happened to start, on top of a worker. One CPU and no other is a thread
// that somebody has put there.
void check_tasks(const Check& check, const CheckContext& context, Rows& rows) {
    if (!context.asks_isolation()) return;
    const CpuSet& isolated = context.layout.isolated;
    const std::string expected = "none on " + isolated.list() + " but those bound to one CPU";
    if (context.processes.why_not)
        return rows.push_back(not_checked(check, expected, *context.processes.why_not));
    std::vector<const Thread*> found;
    for (const Thread& thread : context.processes.threads) {
        if (!thread.is_kernel && thread.cpus.intersects(isolated) && thread.cpus.count() > 1)
            found.push_back(&thread);
    }
    std::string mend;
    if (!context.machine.host.isolated.contains(context.wanted.isolated)) {
        mend = mend_by_boot(context);  // which keeps process 1 and its children away
    } else if (!found.empty()) {
        mend = formatted("taskset -cp {} {}", context.layout.housekeeping.list(), found.front()->id);
    }
    rows.push_back(answer(check, found.empty(), expected, threads_text(found, context.processes), mend));
}

// nohz_full= keeps unbound kernel threads off its CPUs. Those that the kernel binds cannot be moved.
void check_kernel_threads(const Check& check, const CheckContext& context, Rows& rows) {
    const CpuSet spared = context.wanted.possible - context.wanted.kernel_threads;
    if (spared.empty()) return;
    const std::string expected = "none on " + spared.list() + " but bound ones";
    if (context.processes.why_not)
        return rows.push_back(not_checked(check, expected, *context.processes.why_not));
    std::vector<const Thread*> found;
    for (const Thread& thread : context.processes.threads) {
        if (thread.is_kernel && !thread.is_fixed && thread.cpus.intersects(spared) && !is_node_thread(thread))
            found.push_back(&thread);
    }
    rows.push_back(answer(check, found.empty(), expected, threads_text(found, context.processes),
                          found.empty()
                              ? ""
                              : formatted("taskset -cp {} {}, or {}", context.wanted.kernel_threads.list(),
                                          found.front()->id, mend_by_boot(context))));
}

// torque-serve binds each worker to one CPU and calls its threads worker-0, worker-1, ... One that may run on
// several was moved; one that is bound elsewhere is more likely to serve another layout, which no file tells.
void check_servers(const Check& check, const CheckContext& context, Rows& rows) {
    constexpr std::string_view kPrefix = "worker-";
    const auto& workers = context.layout.workers;
    std::map<int, std::vector<const Thread*>> servers;  // by process
    for (const Thread& thread : context.processes.threads) {
        if (thread.process_name == "torque-serve" && thread.name.starts_with(kPrefix))
            servers[thread.process].push_back(&thread);
    }
    std::vector<const Thread*> astray;
    bool is_in_place = false;
    for (const auto& [process, threads] : servers) {
        if (threads.size() != workers.size()) continue;
        std::size_t placed = 0;
        for (const Thread* thread : threads) {
            const auto id = parse_unsigned(std::string_view(thread->name).substr(kPrefix.size()), INT32_MAX);
            if (id && *id < workers.size() && thread->cpus == CpuSet{workers[*id].cpu.value}) ++placed;
            if (thread->cpus.count() != 1) astray.push_back(thread);
        }
        is_in_place = is_in_place || placed == workers.size();
    }
    if (servers.empty()) return;
    std::string cpus;  // in the order of the workers
    for (const Worker& worker : workers) cpus += (cpus.empty() ? "" : ",") + std::to_string(worker.cpu.value);
    const std::string expected = "torque-serve's workers on " + cpus;
    if (astray.empty() && !is_in_place) {
        return rows.push_back(not_checked(check, expected,
                                          formatted("the torque-serve that runs ({}) seems to serve another "
                                                    "layout",
                                                    servers.begin()->first)));
    }
    rows.push_back(answer(
        check, astray.empty(), expected,
        astray.empty() ? planning::counted(static_cast<int>(workers.size()), "worker") + " in their places"
                       : threads_text(astray, context.processes),
        "something moved them: restart torque-serve"));
}

}  // namespace torque::tune
