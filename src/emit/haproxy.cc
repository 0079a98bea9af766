
#include "base/format.h"
#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {
namespace {

constexpr int kCpusMax = 1024;             // "cpu-map: supports CPU numbers from 0 to 1023"
constexpr int kLineCpusMax = 32;           // a line has at most 64 words
constexpr std::size_t kGroupThreads = 64;  // of a thread group, and of HAProxy before 2.7, which had one
constexpr std::size_t kGroupsMax = 16;     // MAX_TGROUPS
constexpr std::size_t kThreadsMax = 256;   // MAX_THREADS as HAProxy is built unless told otherwise

// Threads that share a group, by worker id.
struct Group {
    std::size_t first = 0, count = 0;
};

CpuSet lowest(const CpuSet& cpus, int count) {
    CpuSet out;
    for (const int cpu : cpus) {
        if (count-- == 0) break;
        out.add(cpu);
    }
    return out;
}

// Threads of a group share much, so that no group had better span nodes.
std::vector<Group> groups_of(const std::vector<Worker>& workers, bool by_node) {
    std::vector<Group> groups;
    for (std::size_t i = 0; i < workers.size(); ++i) {
        const bool full = groups.empty() || groups.back().count == kGroupThreads;
        const bool elsewhere = by_node && i > 0 && workers[i].node != workers[i - 1].node;
        if (full || elsewhere) {
            groups.push_back({i, 1});
            continue;
        }
        ++groups.back().count;
    }
    return groups;
}

// "auto:" gives thread after thread CPU after CPU, always from the lowest. Threads are alike, so that the
// workers' order does not matter; where workers share CPUs, each round of lines has every CPU once.
std::string cpu_maps(std::size_t number, const Group& group, const std::vector<Worker>& workers) {
    std::vector<CpuSet> rounds;
    for (std::size_t i = group.first; i < group.first + group.count; ++i) {
        std::size_t round = 0;
        while (round < rounds.size() && rounds[round].contains(workers[i].cpu)) ++round;
        if (round == rounds.size()) rounds.emplace_back();
        rounds[round].add(workers[i].cpu);
    }
    // Not "1/1", which HAProxy 2.6 takes for the whole process.
    if (rounds.front().count() == 1)
        return formatted("    cpu-map {}/all {}\n", number, rounds.front().list());
    std::string text;
    int thread = 0;
    for (CpuSet& left : rounds) {
        while (!left.empty()) {
            const CpuSet now = lowest(left, kLineCpusMax);
            left -= now;
            const int first = thread + 1;
            thread += now.count();
            text += now.count() == 1 ? formatted("    cpu-map {}/{} {}\n", number, first, now.list())
                                     : formatted("    cpu-map auto:{}/{}-{} {}\n", number, first, thread,
                                                 spaced_list(now));
        }
    }
    return text;
}

}  // namespace

// HAProxy's configuration manual, cpu-map: numbers and ranges, parted by spaces.
Result<std::string> emit_haproxy(const Layout& layout) {
    const std::vector<Worker>& workers = layout.workers;
    if (workers.size() > kThreadsMax) {
        return fail(formatted("HAProxy has at most {} threads, and the layout {} workers", kThreadsMax,
                              workers.size()));
    }
    for (const Worker& worker : workers) {
        if (worker.cpu.value < kCpusMax) continue;
        return fail(
            formatted("HAProxy cannot name CPU {}: it knows CPUs up to {}", worker.cpu.value, kCpusMax - 1));
    }
    // One group, which any HAProxy has, if it holds them all.
    std::vector<Group> groups = groups_of(workers, workers.size() > kGroupThreads);
    if (groups.size() > kGroupsMax) groups = groups_of(workers, false);
    std::string threads, maps;
    for (std::size_t g = 0; g < groups.size(); ++g) {
        threads += formatted("    thread-group {} {}-{}\n", g + 1, groups[g].first + 1,
                             groups[g].first + groups[g].count);
        maps += cpu_maps(g + 1, groups[g], workers);
    }
    const bool grouped = groups.size() > 1;
    return head(layout, "# ",
                {"Goes into /etc/haproxy/haproxy.cfg, in place of nbthread, cpu-map and cpu-policy there.",
                 grouped ? "Needs HAProxy 2.7 or newer, for the thread groups."
                         : "The threads take the CPUs in ascending order."}) +
           formatted("global\n    nbthread {}\n", workers.size()) +
           (grouped ? formatted("    thread-groups {}\n{}", groups.size(), threads) : "") + maps;
}

}  // namespace torque::emit
