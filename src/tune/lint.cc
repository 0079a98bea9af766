#include "tune/lint.h"

#include <algorithm>
#include <iterator>

#include "base/format.h"
#include "base/parse.h"
#include "plan/kernel_list.h"
#include "plan/words.h"
#include "tune/boot_words.h"
#include "tune/lint_words.h"
#include "tune/mend.h"

namespace torque::tune {
namespace {

using planning::cpus_text;
using planning::ListFault;

constexpr std::string_view kDropped = "drops the whole parameter and hands it to init";

// What to say of an incident. In the texts {} is its detail.
struct Saying {
    Event event;
    const char* id;
    LintSeverity severity;
    const char* message;
    std::string_view effect;
};

constexpr Saying kSayings[] = {
    {Event::no_value, "value-missing", LintSeverity::error, "it has no value", kDropped},
    {Event::not_built_in, "not-built-in", LintSeverity::error, "this kernel is built without {}", kDropped},
    {Event::invalid_flag, "isolcpus-invalid-flag", LintSeverity::error,
     "the flag \"{}\" has a character that no flag has; flags and list are parted by commas only", kDropped},
    {Event::unknown_flag, "isolcpus-unknown-flag", LintSeverity::warning, "there is no flag \"{}\"",
     "skips the flag"},
    {Event::list_empty, "list-empty", LintSeverity::error, "the list leaves no CPU to isolate", kDropped},
    {Event::lists_differ, "lists-differ", LintSeverity::error,
     "another parameter has given a different list for the same thing", kDropped},
    {Event::boot_cpu_kept, "every-cpu", LintSeverity::warning,
     "the list leaves no CPU to the rest of the system", "takes the boot CPU out of the list"},
    {Event::boot_cpu_cleared, "nohz-full-boot-cpu", LintSeverity::warning,
     "the list holds the boot CPU, which keeps the time",
     "clears the boot CPU from nohz_full but counts it in for kernel threads: they crowd onto the boot CPU"},
    {Event::no_domain, "isolcpus-without-domain", LintSeverity::note,
     "with flags given, \"domain\" has to be one of them for the scheduler to spare the CPUs",
     "does not isolate the CPUs from the scheduler"},
    {Event::affinity_cut, "list-unreadable", LintSeverity::error, "the list cannot be read from \"{}\" on: ",
     "leaves out that part without a message, and adds the boot CPU"},
    {Event::all_offloaded, "list-unreadable", LintSeverity::error,
     "the list cannot be read at \"{}\": ", "offloads the callbacks of every CPU"},
    {Event::default_mask, "list-unreadable", LintSeverity::error,
     "the list cannot be read at \"{}\": ", "ignores the parameter"},
    {Event::replaced, "replaced", LintSeverity::warning, "the parameter comes again further on",
     "uses only the last one"},
    {Event::value_without_effect, "value-without-effect", LintSeverity::warning,
     "it takes no value, and is on whatever the value says", ""},
};

std::string reason_of(std::string_view faulty, const CpuSet& possible) {
    switch (planning::read_kernel_list(faulty, possible.last() + 1).fault.value_or(ListFault::syntax)) {
        case ListFault::reversed:
            return "the range is reversed";
        case ListFault::out_of_range:
            return formatted("this machine can have the CPUs {} and no other", possible.list());
        case ListFault::stride:
            return "a stride is used/group, and used is at most group";
        case ListFault::syntax:
            break;
    }
    return "regions look like 4, 4-11 or 4-11:1/2";
}

// A list that the kernel refuses as a whole, by what is wrong with it.
LintFinding refused_list(const std::string& faulty, const CpuSet& possible) {
    LintFinding finding;
    const auto fault =
        planning::read_kernel_list(faulty, possible.last() + 1).fault.value_or(ListFault::syntax);
    finding.severity = LintSeverity::error;
    finding.id = fault == ListFault::out_of_range ? "list-out-of-range"
                 : fault == ListFault::reversed   ? "list-reversed"
                                                  : "list-unreadable";
    finding.message =
        formatted("the kernel refuses \"{}\": {}", printable(faulty), reason_of(faulty, possible));
    finding.effect = kDropped;
    if (fault == ListFault::out_of_range) {
        finding.hint = "a boot line is for one machine: torque-topo plan makes one for this";
    }
    return finding;
}

// "all" and "N" at the beginning of isolcpus= are letters, and so a flag to the kernel.
bool is_list_word(std::string_view flag) {
    return flag == "all" || flag == "N";
}

LintFinding finding_of(const Incident& incident, const CpuSet& possible) {
    if (incident.event == Event::bad_list) return refused_list(incident.detail, possible);
    LintFinding finding;
    const auto* saying = std::find_if(std::begin(kSayings), std::end(kSayings),
                                      [&](const Saying& s) { return s.event == incident.event; });
    finding.id = saying->id;
    finding.severity = saying->severity;
    finding.message = formatted(fmt::runtime(saying->message), printable(incident.detail));
    if (finding.id == "list-unreadable") finding.message += reason_of(incident.detail, possible);
    finding.effect = saying->effect;
    if (incident.event == Event::unknown_flag && is_list_word(incident.detail)) {
        finding.id = "list-as-flag";
        finding.severity = LintSeverity::error;
        finding.message = formatted("a list that begins with \"{}\" looks like a flag", incident.detail);
        finding.effect = "finds no list and drops the whole parameter";
        finding.hint = "write the numbers";
    }
    return finding;
}

// Where a finding is.
void place(LintFinding& finding, const BootWord& word, std::string_view line) {
    finding.parameter = canonical_name(word.name);
    finding.offset = word.offset;
    finding.word = line.substr(word.offset, word.length);
}

void add_incidents(LintReport& report, const std::vector<BootWord>& words) {
    bool list_was_flag = false;
    for (const Incident& incident : report.effect.incidents) {
        // The one fault has been told as the other.
        if (incident.event == Event::list_empty && list_was_flag) continue;
        LintFinding finding = finding_of(incident, report.effect.possible);
        list_was_flag = finding.id == "list-as-flag";
        place(finding, words[incident.word], report.line);
        report.findings.push_back(std::move(finding));
    }
}

// The first word of the name; null when there is none before "--".
const BootWord* word_named(const std::vector<BootWord>& words, std::string_view name) {
    const auto found = std::find_if(words.begin(), words.end(), [=](const BootWord& word) {
        return !word.for_init && canonical_name(word.name) == name;
    });
    return found == words.end() ? nullptr : &*found;
}

void add(LintReport& report, const BootWord* word, LintFinding finding) {
    if (word != nullptr) place(finding, *word, report.line);
    report.findings.push_back(std::move(finding));
}

void check_interrupts(LintReport& report, const std::vector<BootWord>& words) {
    const KernelEffect& effect = report.effect;
    const BootWord* irqaffinity = word_named(words, "irqaffinity");
    if (effect.isolated.empty()) return;
    if (irqaffinity == nullptr) {
        return add(report, word_named(words, "isolcpus"),
                   {"isolated-without-irqaffinity",
                    LintSeverity::warning,
                    {},
                    0,
                    {},
                    "CPUs are isolated, and there is no irqaffinity=",
                    formatted("sends interrupts to all CPUs, also to {}", effect.isolated.list()),
                    {}});
    }
    const CpuSet both = effect.irq_affinity & effect.isolated;
    if (both.empty()) return;
    add(report, irqaffinity,
        {"irqaffinity-isolated",
         LintSeverity::warning,
         {},
         0,
         {},
         formatted("isolated {} get interrupts", cpus_text(both)),
         "sends interrupts to isolated CPUs",
         {}});
}

// The kernel places the interrupts of a device's queues itself, whatever irqaffinity= says: of those that
// isolated CPUs share with others, the flag managed_irq keeps it to the others. Where a queue has isolated
// CPUs alone, no flag helps (kernel/irq/manage.c, irq_do_set_affinity()).
void check_managed(LintReport& report, const std::vector<BootWord>& words, const KernelTarget& target) {
    const CpuSet unspared = report.effect.isolated - report.effect.managed_irq;
    const CpuSet others = target.present - report.effect.isolated;
    CpuSet reached;
    int count = 0;
    for (const CpuSet& irq : target.managed_irqs) {
        if (!irq.intersects(unspared) || !irq.intersects(others)) continue;
        reached |= irq & unspared;
        ++count;
    }
    if (count == 0) return;
    add(report, word_named(words, "isolcpus"),
        {"isolcpus-without-managed-irq",
         LintSeverity::note,
         {},
         0,
         {},
         formatted("{} of this machine's devices may come to isolated {}",
                   planning::counted(count, "managed interrupt"), cpus_text(reached)),
         "places them itself, whatever irqaffinity= says",
         "the flag managed_irq of isolcpus= keeps them to the other CPUs of their queues"});
}

void check_boot_core(LintReport& report, const std::vector<BootWord>& words, const KernelTarget& target) {
    const KernelEffect& effect = report.effect;
    if (!effect.isolated.contains(target.boot_cpu)) return;
    add(report, word_named(words, "isolcpus"),
        {"isolcpus-boot-cpu",
         LintSeverity::warning,
         {},
         0,
         {},
         formatted("CPU {}, the boot CPU, is isolated", target.boot_cpu),
         "keeps the time, kernel threads and interrupts on the boot CPU all the same",
         {}});
}

void check_cores(LintReport& report, const std::vector<BootWord>& words, const KernelTarget& target) {
    CpuSet left_out;
    for (const CpuSet& core : target.cores) {
        if (core.intersects(report.effect.isolated)) left_out |= core - report.effect.isolated;
    }
    if (left_out.empty()) return;
    add(report, word_named(words, "isolcpus"),
        {"core-split",
         LintSeverity::note,
         {},
         0,
         {},
         formatted("isolated cores have other threads that are not isolated: {}", cpus_text(left_out)),
         "runs other work on the isolated CPUs' cores",
         {}});
}

// What follows from several parameters together.
void check_sets(LintReport& report, const std::vector<BootWord>& words, const KernelTarget& target) {
    const KernelEffect& effect = report.effect;
    check_interrupts(report, words);
    check_managed(report, words, target);
    check_boot_core(report, words, target);
    check_cores(report, words, target);
    const BootWord* nohz_full = word_named(words, "nohz_full");
    if (!effect.nohz_full.empty() && !effect.isolated.empty() && effect.nohz_full != effect.isolated) {
        add(report, nohz_full,
            {"sets-differ",
             LintSeverity::note,
             {},
             0,
             {},
             formatted("nohz_full is {}, and isolated is {}", effect.nohz_full.list(),
                       effect.isolated.list()),
             {},
             {}});
    }
    if (!effect.nohz_full.empty() && effect.isolated.empty() && nohz_full != nullptr) {
        add(report, nohz_full,
            {"nohz-full-alone",
             LintSeverity::note,
             {},
             0,
             {},
             formatted("there is no isolation of its {}", cpus_text(effect.nohz_full)),
             "places tasks there as anywhere, and ticks where there are two",
             {}});
    }
    if (effect.rcu_nocb_poll && effect.rcu_nocbs.empty()) {
        add(report, word_named(words, "rcu_nocb_poll"),
            {"nothing-to-poll", LintSeverity::note, {}, 0, {}, "no CPU's callbacks are offloaded", {}, {}});
    }
}

// Those of `cpus` that maxcpus= lets start. From 6.5 on x86 starts one thread of each core before the others
// (kernel/cpu.c, cpuhp_bringup_cpus_parallel()); measured on 6.1 and 6.12.
CpuSet started_of(const CpuSet& cpus, int started_max, const KernelTarget& target) {
    constexpr KernelRelease kParallel{6, 5};
    std::vector<int> order;
    CpuSet second;
    if (target.release && *target.release >= kParallel) {
        for (const CpuSet& core : target.cores) second |= core - CpuSet{core.first()};
    }
    const CpuSet first = target.present - second;
    second = second & target.present;
    for (int cpu : first) order.push_back(cpu);
    for (int cpu : second) order.push_back(cpu);
    CpuSet started;
    for (int i = 0; i < std::min(started_max, static_cast<int>(order.size())); ++i)
        started.add(order[static_cast<std::size_t>(i)]);
    return started & cpus;
}

// Isolated CPUs that the line itself keeps offline.
void check_offline(LintReport& report, const std::vector<BootWord>& words, const KernelTarget& target) {
    const BootWord* nosmt = word_named(words, "nosmt");
    const CpuSet isolated = report.effect.isolated & target.present;
    const CpuSet unstarted = isolated - started_of(isolated, report.effect.cpus_started_max, target);
    CpuSet threads;
    for (const CpuSet& core : target.cores) threads |= core - CpuSet{core.first()};
    threads &= report.effect.isolated;
    const auto say = [&](const BootWord* word, const CpuSet& offline) {
        add(report, word,
            {"isolated-offline",
             LintSeverity::note,
             {},
             0,
             {},
             formatted("it keeps isolated {} offline", cpus_text(offline)),
             {},
             {}});
    };
    if (!unstarted.empty()) say(word_named(words, "maxcpus"), unstarted);
    if (nosmt != nullptr && !threads.empty()) say(nosmt, threads);
}

void check_length(LintReport& report) {
    if (!report.effect.is_cut) return;
    LintFinding finding{"line-too-long",
                        LintSeverity::error,
                        {},
                        kLineMax,
                        {},
                        formatted("the line has {} characters", report.line.size()),
                        formatted("reads the first {} of them (on x86 and arm64)", kLineMax),
                        {}};
    report.findings.push_back(std::move(finding));
}

LintReport lint_once(std::string_view line, const KernelTarget& target) {
    LintReport report;
    report.line = line.substr(0, line.find('\0'));
    report.effect = simulate(report.line, target);
    const std::vector<BootWord> words = boot_words(std::string_view(report.line).substr(0, kLineMax));
    add_incidents(report, words);
    check_sets(report, words, target);
    check_offline(report, words, target);
    for (LintFinding& finding : lint_words(words, report, target))
        report.findings.push_back(std::move(finding));
    check_length(report);
    std::stable_sort(report.findings.begin(), report.findings.end(),
                     [](const LintFinding& a, const LintFinding& b) { return a.offset < b.offset; });
    return report;
}

bool has_errors(const LintReport& report) {
    return std::any_of(report.findings.begin(), report.findings.end(),
                       [](const LintFinding& f) { return f.severity == LintSeverity::error; });
}

}  // namespace

bool has_faults(const LintReport& report) {
    return std::any_of(report.findings.begin(), report.findings.end(),
                       [](const LintFinding& f) { return f.severity != LintSeverity::note; });
}

LintReport lint(std::string_view line, const KernelTarget& target) {
    LintReport report = lint_once(line, target);
    if (!has_faults(report)) return report;
    std::string mended = mend(report.line, target);
    if (mended != report.line && !has_errors(lint_once(mended, target))) report.mended = std::move(mended);
    return report;
}

}  // namespace torque::tune
