// Is the layout's boot line in force? What the kernel shows of each parameter decides, not its words.

#include <algorithm>

#include "base/format.h"
#include "base/parse.h"
#include "plan/words.h"
#include "probes/read.h"
#include "tune/boot_words.h"
#include "tune/check_context.h"
#include "tune/check_knobs.h"
#include "tune/parameters.h"

namespace torque::tune {
namespace {

constexpr std::size_t kTextMax = 2048;  // characters of a boot line that are shown

// Has what the word is for been reached, by the words of the line that the kernel was booted with? Absent:
// the word is none that the model knows.
std::optional<bool> has_effect(std::string_view name, const KernelEffect& wanted,
                               const KernelEffect& running) {
    if (name == "isolcpus")
        return wanted.isolated == running.isolated && running.managed_irq.contains(wanted.managed_irq);
    if (name == "nohz_full") return wanted.nohz_full == running.nohz_full;
    if (name == "irqaffinity") return wanted.irq_affinity == running.irq_affinity;
    if (name == "rcu_nocbs") return running.rcu_nocbs.contains(wanted.rcu_nocbs);
    if (name == "rcu_nocb_poll") return running.rcu_nocb_poll;
    if (name == "workqueue.unbound_cpus") return wanted.unbound_workqueues == running.unbound_workqueues;
    return std::nullopt;
}

// The last word of a name is the one that counts, for those that the model does not know.
bool has_word(const std::vector<BootWord>& words, const BootWord& wanted) {
    const auto last = std::find_if(words.rbegin(), words.rend(), [&](const BootWord& word) {
        return !word.for_init && canonical_name(word.name) == canonical_name(wanted.name);
    });
    return last != words.rend() && last->value == wanted.value;
}

std::vector<std::string> words_not_in_force(const CheckContext& context) {
    const std::string line = context.machine.host.cmdline.value_or("");
    const std::vector<BootWord> words = boot_words(line);
    std::vector<std::string> missing;
    for (const BootWord& word : boot_words(*context.layout.boot.cmdline)) {
        const auto known = has_effect(canonical_name(word.name), context.wanted, context.running);
        if (!known.value_or(false) && (known || !has_word(words, word))) missing.push_back(plain_text(word));
    }
    return missing;
}

std::string together(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return printable(text, kTextMax);
}

// For the files that show a set as the kernel took it.
void compare_list(const Check& check, const CheckContext& context, Rows& rows, const CpuSet& wanted) {
    const auto found = read_cpu_list(context.root(), check.source.substr(1));
    if (!found) {
        return rows.push_back(not_checked(check, wanted.list(), why_unread(context, check.source.substr(1))));
    }
    rows.push_back(
        answer(check, *found == wanted, wanted.list(), list_or_none(*found), mend_by_boot(context)));
}

// Parameters whose effect a file shows. "cpu#" is each worker's CPU.
struct Shown {
    std::string_view name;
    std::string_view file;
    std::string_view value;  // that the file then holds; empty: the parameter's own
};

// Documentation/admin-guide/kernel-parameters.txt, sysctl/kernel.rst, mm/transhuge.rst, pm/cpufreq.rst.
constexpr Shown kShown[] = {
    {"nowatchdog", "proc/sys/kernel/watchdog", "0"},
    {"nosoftlockup", "proc/sys/kernel/soft_watchdog", "0"},
    {"nmi_watchdog", "proc/sys/kernel/nmi_watchdog", ""},
    {"numa_balancing", "proc/sys/kernel/numa_balancing", "0"},
    {"transparent_hugepage", "sys/kernel/mm/transparent_hugepage/enabled", ""},
    {"cpufreq.default_governor", "sys/devices/system/cpu/cpu#/cpufreq/scaling_governor", ""},
    {"intel_idle.max_cstate", "sys/module/intel_idle/parameters/max_cstate", ""},
    {"processor.max_cstate", "sys/module/processor/parameters/max_cstate", ""},
    {"nosmt", "sys/devices/system/cpu/smt/active", "0"},
};

// The values for which `value` of the table stands.
bool applies(const Shown& shown, const BootWord& word) {
    if (shown.name == "numa_balancing") return word.value == "disable";
    return !shown.value.empty() || word.value.has_value();
}

void check_parameter(const Check& check, const CheckContext& context, Rows& rows, const BootWord& word,
                     const std::string& value, const std::string& path) {
    const std::string expected = formatted("{} ({})", value, plain_text(word));
    const auto text = context.root().read(path);
    CheckRow row = text ? answer(check, knob_holds(path, value, *text), expected, knob_text(*text),
                                 formatted("echo {} > /{}, or {}", value, path, mend_by_boot(context)))
                        : not_checked(check, expected, why_unread(context, path));
    row.source = "/" + path;
    rows.push_back(std::move(row));
}

}  // namespace

std::string mend_by_boot(const CheckContext& context) {
    if (!words_not_in_force(context).empty()) {
        return "boot with the layout's line: torque-topo emit boot";
    }
    return "the line asks for it and the kernel does not do it: torque-topo lint and dmesg tell why";
}

void check_boot_line(const Check& check, const CheckContext& context, Rows& rows) {
    if (!context.layout.boot.cmdline) return;
    const std::string expected = printable(*context.layout.boot.cmdline, kTextMax);
    if (!context.machine.host.cmdline) {
        return rows.push_back(not_checked(check, expected, why_unread(context, "proc/cmdline")));
    }
    const auto missing = words_not_in_force(context);
    rows.push_back(answer(check, missing.empty(), expected,
                          missing.empty() ? "all of it" : "without " + together(missing),
                          mend_by_boot(context)));
}

// The kernel hands a parameter that it refuses to process 1, which keeps it: dmesg rotates, this does not.
// One with a value goes to its environment, one without to its arguments (init/main.c, unknown_bootoption()).
void check_refused(const Check& check, const CheckContext& context, Rows& rows) {
    if (!context.layout.boot.cmdline) return;
    if (context.processes.why_not)
        return rows.push_back(not_checked(check, "none", *context.processes.why_not));
    const auto text = context.root().read("proc/1/environ");
    if (!text) return rows.push_back(not_checked(check, "none", why_unread(context, "proc/1/environ")));
    std::vector<std::string> refused;
    const std::string words = *text + '\0' + context.root().read("proc/1/cmdline").value_or("");
    for (std::string_view rest = words; !rest.empty();) {
        const std::string_view word = take_until(rest, '\0');
        if (is_isolation(canonical_name(word.substr(0, word.find('='))))) refused.emplace_back(word);
    }
    rows.push_back(answer(check, refused.empty(), "none", refused.empty() ? "none" : together(refused),
                          "torque-topo lint says why the kernel refused it, and mends the line"));
}

void check_isolated(const Check& check, const CheckContext& context, Rows& rows) {
    if (context.wanted.isolated.empty()) return;
    compare_list(check, context, rows, context.wanted.isolated);
}

void check_nohz_full(const Check& check, const CheckContext& context, Rows& rows) {
    const CpuSet& wanted = context.wanted.nohz_full;
    if (wanted.empty()) return;
    // It is the file of a kernel that can stop the tick, and has been there as long as its neighbour.
    const bool has_neighbour = context.root().read("sys/devices/system/cpu/isolated").has_value();
    const auto names = context.root().list("sys/devices/system/cpu");
    const bool is_there = std::binary_search(names.begin(), names.end(), "nohz_full");
    if (context.host.is_live && has_neighbour && !is_there) {
        return rows.push_back(
            answer(check, false, wanted.list(), "no such file",
                   "a kernel with CONFIG_NO_HZ_FULL, or a plan without nohz_full: torque-topo "
                   "plan --profile syscall"));
    }
    compare_list(check, context, rows, wanted);
}

// No file shows which CPUs are offloaded. The threads that run the callbacks show that the kernel can and
// does; once it does for some CPUs, every CPU has such a thread, so which ones the line alone tells.
void check_rcu_nocbs(const Check& check, const CheckContext& context, Rows& rows) {
    const CpuSet wanted = context.wanted.rcu_nocbs & context.machine.host.online;
    if (wanted.empty()) return;
    if (context.processes.why_not) {
        return rows.push_back(not_checked(check, wanted.list(), *context.processes.why_not));
    }
    CpuSet with_thread;
    for (const Thread& thread : context.processes.threads) {
        // rcuop/4, of other kernels rcuos/4 and rcuob/4 (kernel/rcu/tree_nocb.h).
        const std::string_view name = thread.name;
        if (!thread.is_kernel || name.size() < 7 || !name.starts_with("rcuo") || name[5] != '/') continue;
        if (name[4] == 'g') continue;  // one for a group of CPUs
        if (const auto cpu = parse_unsigned(name.substr(6), CpuSet::kMaxCpu))
            with_thread.add(static_cast<int>(*cpu));
    }
    const CpuSet found = with_thread & context.running.rcu_nocbs & context.machine.host.online;
    rows.push_back(answer(check, found.contains(wanted), wanted.list(), list_or_none(found & wanted),
                          mend_by_boot(context)));
}

void check_workqueues(const Check& check, const CheckContext& context, Rows& rows) {
    const CpuSet spared = context.wanted.possible - context.wanted.unbound_workqueues;
    if (spared.empty() || context.has_knob("/workqueue/cpumask")) return;
    const std::string path(check.source.substr(1)), expected = "none of " + spared.list();
    const auto found = read_cpu_mask(context.root(), path);
    if (!found) return rows.push_back(not_checked(check, expected, why_unread(context, path)));
    rows.push_back(answer(check, !found->intersects(spared), expected, list_or_none(*found),
                          formatted("echo {} > /{}", context.wanted.unbound_workqueues.mask(), path)));
}

void check_parameters(const Check& check, const CheckContext& context, Rows& rows) {
    for (const BootWord& word : boot_words(context.layout.boot.cmdline.value_or(""))) {
        const auto shown = std::find_if(std::begin(kShown), std::end(kShown), [&](const Shown& one) {
            return one.name == canonical_name(word.name) && applies(one, word);
        });
        if (shown == std::end(kShown)) continue;
        const std::string value = shown->value.empty() ? *word.value : std::string(shown->value);
        const std::string path(shown->file);
        const std::size_t mark = path.find('#');
        if (mark == path.npos) {
            check_parameter(check, context, rows, word, value, path);
            continue;
        }
        for (const Worker& worker : context.layout.workers) {
            check_parameter(
                check, context, rows, word, value,
                formatted("{}{}{}", path.substr(0, mark), worker.cpu.value, path.substr(mark + 1)));
        }
    }
}

}  // namespace torque::tune
