// Interrupts: where those go that are set up from now on, where the others go, and who moves them.

#include <algorithm>

#include "base/format.h"
#include "base/parse.h"
#include "plan/words.h"
#include "probes/irq.h"
#include "probes/read.h"
#include "tune/check_context.h"

namespace torque::tune {
namespace {

bool asks_for_interrupts(const CheckContext& context) {
    const auto is_irq_knob = [](const RuntimeKnob& knob) { return knob.path.starts_with("/proc/irq/"); };
    const auto& runtime = context.layout.runtime;
    return !context.layout.isolated.empty() &&
           (!context.wanted.irq_affinity.contains(context.wanted.possible) ||
            !context.wanted.managed_irq.empty() || std::any_of(runtime.begin(), runtime.end(), is_irq_knob));
}

// Where the layout itself sends it: a queue's interrupt goes to its worker.
CpuSet steered_to(const CheckContext& context, int irq) {
    const std::string path = formatted("/proc/irq/{}/smp_affinity_list", irq);
    for (const RuntimeKnob& knob : context.layout.runtime) {
        if (knob.path != path) continue;
        if (const auto cpus = CpuSet::parse_list(knob.value)) return *cpus;
    }
    return {};
}

// The plan says so of interrupts that the kernel lets nobody move.
bool knows_managed_leftovers(const Layout& layout) {
    return std::any_of(layout.leftovers.begin(), layout.leftovers.end(),
                       [](const std::string& text) { return text.find("managed interrupt") != text.npos; });
}

// Where it comes. One that was told to go elsewhere does so when it comes the next time
// (kernel/irq/migration.c): until then its effective CPU is none of those that it may go to.
CpuSet comes_to(const Irq& irq) {
    if (!irq.effective_cpus) return irq.cpus;
    const bool is_to_move = !irq.effective_cpus->empty() && (*irq.effective_cpus & irq.cpus).empty();
    return is_to_move ? irq.cpus : *irq.effective_cpus;
}

std::string some_irqs(const std::vector<const Irq*>& irqs) {
    constexpr std::size_t kShown = 3;
    std::string text;
    for (std::size_t i = 0; i < std::min(irqs.size(), kShown); ++i) {
        text += formatted("{}{} ({}) on {}", i > 0 ? ", " : "", irqs[i]->irq, printable(irqs[i]->name),
                          comes_to(*irqs[i]).list());
    }
    return irqs.size() > kShown ? text + ", ..." : text;
}

// The value of a variable in what /proc/*/environ holds.
std::optional<std::string_view> variable(std::string_view variables, std::string_view name) {
    while (!variables.empty()) {
        std::string_view entry = take_until(variables, '\0');
        if (take_until(entry, '=') == name) return entry;
    }
    return std::nullopt;
}

}  // namespace

void check_default_affinity(const Check& check, const CheckContext& context, Rows& rows) {
    const CpuSet& wanted = context.wanted.irq_affinity;
    if (wanted.contains(context.wanted.possible) || context.has_knob("/default_smp_affinity")) return;
    const std::string path(check.source.substr(1)), expected = wanted.list();
    const auto found = read_cpu_mask(context.root(), path);
    if (!found) return rows.push_back(not_checked(check, expected, why_unread(context, path)));
    rows.push_back(answer(check, !found->empty() && wanted.contains(*found), expected, list_or_none(*found),
                          formatted("echo {} > /{}", wanted.mask(), path)));
}

void check_interrupts(const Check& check, const CheckContext& context, Rows& rows) {
    if (!asks_for_interrupts(context)) return;
    const CpuSet& isolated = context.layout.isolated;
    const std::string expected = "none on " + isolated.list();
    const std::vector<int> numbers = numbered_entries(context.root(), "proc/irq", "");
    const std::vector<Irq> irqs = read_irqs(context.root(), numbers);
    if (irqs.empty()) return rows.push_back(not_checked(check, expected, "there are none to be read"));
    const bool has_names =
        std::any_of(irqs.begin(), irqs.end(), [](const Irq& irq) { return !irq.name.empty(); });
    const bool is_told = knows_managed_leftovers(context.layout);
    std::vector<const Irq*> astray, left_over, undecided;
    for (const Irq& irq : irqs) {
        const CpuSet there = comes_to(irq) & isolated;
        // Nobody listens to one without a handler, and so it does not come.
        if (there.empty() || (has_names && irq.name.empty())) continue;
        if (steered_to(context, irq.irq).contains(there)) continue;
        (!is_told ? astray : irq.managed ? (*irq.managed ? left_over : astray) : undecided).push_back(&irq);
    }
    if (astray.empty() && !undecided.empty()) {
        return rows.push_back(
            not_checked(check, expected,
                        formatted("{} there, and which of them the kernel manages debugfs alone tells (root, "
                                  "CONFIG_GENERIC_IRQ_DEBUGFS)",
                                  planning::counted(static_cast<int>(undecided.size()), "interrupt"))));
    }
    std::string found = left_over.empty() ? "none" : "left over, as the layout says: " + some_irqs(left_over);
    if (!astray.empty()) {
        found = formatted("{}: {}", planning::counted(static_cast<int>(astray.size()), "interrupt"),
                          some_irqs(astray));
    }
    rows.push_back(answer(check, astray.empty(), expected, found,
                          astray.empty()
                              ? ""
                              : formatted("echo {} > /proc/irq/{}/smp_affinity_list (EIO or EPERM: "
                                          "the kernel manages it)",
                                          context.layout.housekeeping.list(), astray[0]->irq)));
}

// Left alone by irqbalance: what its environment bans, else what the kernel was booted with as isolated or
// without tick (irqbalance(1)). A partition made later it does not know.
void check_irqbalance(const Check& check, const CheckContext& context, Rows& rows) {
    if (!asks_for_interrupts(context)) return;
    const CpuSet& isolated = context.layout.isolated;
    const std::string expected = "it does not run, or spares " + isolated.list();
    if (context.processes.why_not)
        return rows.push_back(not_checked(check, expected, *context.processes.why_not));
    const auto& threads = context.processes.threads;
    const auto found = std::find_if(threads.begin(), threads.end(), [](const Thread& thread) {
        return thread.name == "irqbalance" && thread.id == thread.process;
    });
    if (found == threads.end()) return rows.push_back(answer(check, true, expected, "it does not run", ""));
    const std::string path = formatted("proc/{}/environ", found->process);
    const auto variables = context.root().read(path);
    if (!variables) return rows.push_back(not_checked(check, expected, why_unread(context, path)));
    CpuSet spared = context.machine.host.isolated | context.machine.host.nohz_full;
    if (const auto list = variable(*variables, "IRQBALANCE_BANNED_CPULIST")) {
        spared = CpuSet::parse_list(*list).value_or(CpuSet{});
    } else if (const auto mask = variable(*variables, "IRQBALANCE_BANNED_CPUS")) {
        spared = CpuSet::parse_mask(*mask).value_or(CpuSet{});
    }
    rows.push_back(answer(check, spared.contains(isolated), expected,
                          "it runs and spares " + list_or_none(spared),
                          "torque-topo emit irqbalance writes what it must be told; then restart it"));
}

}  // namespace torque::tune
