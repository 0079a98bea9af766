// simulate(): what a kernel makes of the isolation parameters on its boot line.
#pragma once

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "torque/cpu_set.h"

namespace torque::tune {

struct KernelRelease {
    int major = 0, minor = 0;
    auto operator<=>(const KernelRelease&) const = default;
};

// The two leading numbers of "6.1.0-28-amd64"; absent for anything else.
std::optional<KernelRelease> parse_release(std::string_view text);

// What the kernel was built with; absent where it is not known, which counts as built in.
struct KernelConfig {
    std::optional<bool> cpu_isolation;  // CONFIG_CPU_ISOLATION: isolcpus= and nohz_full= exist
    std::optional<bool> no_hz_full;     // CONFIG_NO_HZ_FULL
    std::optional<bool> rcu_nocb_cpu;   // CONFIG_RCU_NOCB_CPU
};

// Reads a /boot/config-* file. A symbol that the file does not set is off.
KernelConfig parse_config(std::string_view text);

// The machine that the line is for.
struct KernelTarget {
    CpuSet possible;  // what a list may name; CPUs from kCpusMax on are left out
    CpuSet present;   // those that are plugged in
    int boot_cpu = 0;
    std::vector<CpuSet> cores;         // the threads of each core; empty when unknown
    std::vector<CpuSet> managed_irqs;  // where each of the devices' managed interrupts may come
    KernelConfig config;
    std::optional<KernelRelease> release;

    static constexpr int kCpusMax = 8192;  // the largest CONFIG_NR_CPUS of any architecture
};

// What befell a word of the line. Those marked "init" are refused: the kernel hands the word to init.
enum class Event {
    no_value,          // init: isolcpus, nohz_full or irqaffinity without "="
    not_built_in,      // init: the kernel has no such parameter, or not its effect (detail: the symbol)
    invalid_flag,      // init: an isolcpus flag with a character that no flag has (detail: the flag)
    unknown_flag,      // an isolcpus flag was skipped (detail: the flag)
    bad_list,          // init: the list cannot be read (detail: its faulty part)
    list_empty,        // init: the list names no CPU, or only those that must keep house
    lists_differ,      // init: another list was taken for the same thing before
    boot_cpu_kept,     // the list leaves no CPU to the rest: the boot CPU was taken out of it
    boot_cpu_cleared,  // the boot CPU was taken out of nohz_full, but kernel threads lose it
    no_domain,         // isolcpus= with flags, and "domain" is not among them
    all_offloaded,     // rcu_nocbs: the list cannot be read, every CPU is offloaded (detail: faulty part)
    affinity_cut,      // irqaffinity: nothing from the faulty part on is taken (detail: that part)
    default_mask,      // workqueue.unbound_cpus: the list cannot be read, it is ignored (detail: faulty part)
    replaced,          // a later word of the same name replaces what this one said
    value_without_effect  // rcu_nocb_poll: is on whatever the value says
};

struct Incident {
    Event event = Event::no_value;
    std::size_t word = 0;  // index into boot_words() of the line
    std::string detail = {};
};

// Once booted, before anything in user space changes it.
struct KernelEffect {
    CpuSet isolated;            // /sys/devices/system/cpu/isolated
    CpuSet nohz_full;           // /sys/devices/system/cpu/nohz_full
    CpuSet rcu_nocbs;           // CPUs whose RCU callbacks are offloaded
    CpuSet managed_irq;         // CPUs that managed interrupts avoid where their queue allows
    CpuSet irq_affinity;        // /proc/irq/default_smp_affinity
    CpuSet init_cpus;           // where process 1 may run
    CpuSet kernel_threads;      // where kthreadd and unbound kernel threads may run
    CpuSet unbound_workqueues;  // /sys/devices/virtual/workqueue/cpumask
    CpuSet possible;            // nr_cpus= and possible_cpus= change what the target has
    bool rcu_nocb_poll = false;
    int cpus_started_max = KernelTarget::kCpusMax;  // maxcpus=: CPUs from here on stay offline
    bool is_cut = false;                            // the line is longer than kLineMax
    std::vector<std::string> for_init;              // refused isolation parameters, as process 1 gets them
    std::vector<Incident> incidents;                // in the order of the line
};

// Characters of a boot line that the kernel looks at (COMMAND_LINE_SIZE of x86 and arm64, less the closing
// NUL).
inline constexpr std::size_t kLineMax = 2047;

// Follows kernel/sched/isolation.c, kernel/irq/irqdesc.c, kernel/rcu/tree_nocb.h and kernel/workqueue.c as of
// 6.1 to 6.12, whose results were measured on both. Only words that boot_words() does not give to init count.
KernelEffect simulate(std::string_view line, const KernelTarget& target);

}  // namespace torque::tune
