#include "tune/changes.h"

#include <algorithm>

#include "base/format.h"
#include "base/parse.h"
#include "probes/irq.h"
#include "probes/read.h"
#include "sys/journal.h"
#include "tune/tuning_files.h"

namespace torque::tune {
namespace {

constexpr std::string_view kGroups = "/sys/fs/cgroup/";

// Parameters of a boot line that a file can bring about as well; "" is the parameter's own value, "#" each
// CPU. Linux, admin-guide/kernel-parameters, sysctl/kernel and sysctl/vm, mm/transhuge, mm/hugetlbpage,
// pm/cpufreq.
struct Equivalent {
    std::string_view name, given;  // given: the value that it is for; "": any
    std::string_view path, value;
};
constexpr Equivalent kEquivalents[] = {
    {"nowatchdog", "", "/proc/sys/kernel/watchdog", "0"},
    {"nosoftlockup", "", "/proc/sys/kernel/soft_watchdog", "0"},
    {"nmi_watchdog", "0", "/proc/sys/kernel/nmi_watchdog", "0"},
    {"numa_balancing", "disable", "/proc/sys/kernel/numa_balancing", "0"},
    {"transparent_hugepage", "", "/sys/kernel/mm/transparent_hugepage/enabled", ""},
    {"cpufreq.default_governor", "", "/sys/devices/system/cpu/cpu#/cpufreq/scaling_governor", ""},
};

class Proposer {
  public:
    Proposer(const Layout& layout, const Dir& root) : layout_(layout), root_(root) {}

    Result<std::vector<Change>> take() {
        for (const RuntimeKnob& knob : layout_.runtime) {
            const bool is_one_line = knob.value.find_first_of(std::string_view("\n\0", 2)) == knob.value.npos;
            if (!is_tuning_file(knob.path) || !is_one_line) {
                return fail(
                    formatted("the layout wants \"{}\" written, which is none of the files that apply "
                              "writes",
                              printable(knob.path, 200)),
                    "/runtime", "torque-topo-apply(1) lists them; write this one yourself");
            }
            add_knob(knob);
        }
        if (layout_.boot.cmdline) add_equivalents();
        if (!layout_.isolated.empty() && (layout_.boot.cmdline || !layout_.runtime.empty())) {
            add_kernel_work();
            add_interrupts();
            add_packets();
        }
        return std::move(changes_);
    }

  private:
    bool has(std::string_view path) const {
        return std::any_of(changes_.begin(), changes_.end(),
                           [=](const Change& one) { return one.path == path; });
    }

    void add(Change change) {
        if (!has(change.path)) changes_.push_back(std::move(change));
    }

    void add_knob(const RuntimeKnob& knob) {
        const bool is_group = knob.path.starts_with(kGroups);
        // The groups on the way that are not there.
        for (std::size_t end = knob.path.find('/', kGroups.size()); is_group && end != knob.path.npos;
             end = knob.path.find('/', end + 1)) {
            const std::string folder = knob.path.substr(0, end);
            if (root_.open(folder.substr(1)) != nullptr) continue;
            add({Change::Kind::folder, folder, "", "a control group for the workers", false});
        }
        const bool is_irq = knob.path.starts_with("/proc/irq/") && knob.path.ends_with("/smp_affinity_list");
        add({is_irq ? Change::Kind::interrupt : Change::Kind::write, knob.path, knob.value, knob.why,
             !is_group});
    }

    void add_equivalents() {
        for (const BootArg& arg : layout_.boot.args) {
            for (const Equivalent& one : kEquivalents) {
                if (one.name != arg.name || (!one.given.empty() && one.given != arg.value)) continue;
                add_equivalent(one, arg);
            }
        }
        add_huge_pages();
    }

    void add_equivalent(const Equivalent& one, const BootArg& arg) {
        const std::string value(one.value.empty() ? std::string_view(arg.value) : one.value);
        const std::size_t at = one.path.find('#');
        if (value.empty()) return;
        if (at == one.path.npos) return add({Change::Kind::write, std::string(one.path), value, arg.why});
        for (int cpu : numbered_entries(root_, "sys/devices/system/cpu", "cpu")) {
            std::string path(one.path);
            path.replace(at, 1, std::to_string(cpu));
            if (root_.read(path.substr(1))) add({Change::Kind::write, path, value, arg.why});
        }
    }

    // hugepages= is of the size before it. Only counts: the pages that a node is to have are left to the
    // boot.
    void add_huge_pages() {
        std::string folder;
        for (const BootArg& arg : layout_.boot.args) {
            if (arg.name == "hugepagesz") {
                const char unit = arg.value.empty() ? ' ' : arg.value.back();
                const std::uint64_t kib = unit == 'M' ? 1024 : unit == 'G' ? 1 << 20 : unit == 'K' ? 1 : 0;
                const std::string_view digits = std::string_view(arg.value).substr(0, arg.value.find(unit));
                folder = formatted("/sys/kernel/mm/hugepages/hugepages-{}kB",
                                   parse_unsigned(digits, 1 << 20).value_or(0) * kib);
            }
            if (arg.name != "hugepages" || !parse_unsigned(arg.value)) continue;
            add({Change::Kind::write, folder.empty() ? "/proc/sys/vm/nr_hugepages" : folder + "/nr_hugepages",
                 arg.value, arg.why});
        }
    }

    void add_kernel_work() {
        const std::string mask = layout_.housekeeping.mask();
        if (layout_.housekeeping.empty()) return;
        const char* why = "unbound kernel work runs on housekeeping CPUs";
        for (const char* path :
             {"/sys/devices/virtual/workqueue/cpumask", "/sys/devices/virtual/workqueue/writeback/cpumask"}) {
            if (root_.read(path + 1)) add({Change::Kind::write, path, mask, why});
        }
        add({Change::Kind::write, "/proc/irq/default_smp_affinity", mask,
             "interrupts that are set up from now on go to housekeeping CPUs"});
    }

    void add_interrupts() {
        const std::vector<Irq> irqs = read_irqs(root_, numbered_entries(root_, "proc/irq", ""));
        const bool has_names =
            std::any_of(irqs.begin(), irqs.end(), [](const Irq& irq) { return !irq.name.empty(); });
        for (const Irq& irq : irqs) {
            // Nobody listens to one without a handler, and so it does not come.
            if (!irq.cpus.intersects(layout_.isolated) || (has_names && irq.name.empty())) continue;
            CpuSet cpus = irq.cpus - layout_.isolated;
            if (cpus.empty()) cpus = layout_.housekeeping;
            if (cpus.empty()) continue;
            add({Change::Kind::interrupt, formatted("/proc/irq/{}/smp_affinity_list", irq.irq), cpus.list(),
                 irq.name.empty() ? "off the isolated CPUs"
                                  : printable(irq.name) + " is kept off the isolated CPUs",
                 true, irq.managed.value_or(false)});
        }
    }

    void add_packets() {
        for (const std::string& device : root_.list("sys/class/net")) {
            const std::string folder = "sys/class/net/" + device + "/queues";
            for (int queue : numbered_entries(root_, folder, "rx-")) {
                const std::string path = formatted("{}/rx-{}/rps_cpus", folder, queue);
                const auto cpus = read_cpu_mask(root_, path);
                if (!cpus || !cpus->intersects(layout_.isolated)) continue;
                const CpuSet rest = *cpus - layout_.isolated;
                add({Change::Kind::write, "/" + path, rest.empty() ? "0" : rest.mask(),
                     "packets are not steered to isolated CPUs"});
            }
        }
    }

    const Layout& layout_;
    const Dir& root_;
    std::vector<Change> changes_;
};

}  // namespace

Result<std::vector<Change>> propose_changes(const Layout& layout, const Dir& root) {
    return Proposer(layout, root).take();
}

std::string partition_conflict(const Layout& layout, const Machine& machine) {
    const bool makes_one =
        std::any_of(layout.runtime.begin(), layout.runtime.end(), [](const RuntimeKnob& knob) {
            return knob.path.ends_with("/cpuset.cpus.partition") && knob.value == "isolated";
        });
    const CpuSet booted = machine.host.isolated | machine.host.nohz_full;
    if (!makes_one || layout.isolated.contains(booted)) return {};
    return formatted(
        "the kernel was booted with {} isolated or without tick, and a cpuset partition of other CPUs ({}) "
        "lets tasks onto them again",
        booted.list(), layout.isolated.list());
}

std::string changes_digest(const Layout& layout) {
    std::string text =
        layout.isolated.list() + '|' + layout.housekeeping.list() + '|' + layout.boot.cmdline.value_or("");
    for (const RuntimeKnob& knob : layout.runtime) text += '|' + knob.path + '=' + knob.value;
    return fnv_text(text);
}

}  // namespace torque::tune
