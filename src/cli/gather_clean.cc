#include "cli/gather_clean.h"

#include <algorithm>
#include <iterator>

#include "base/parse.h"

namespace torque {
namespace {

// Parameters whose values are kept: those that decide how CPUs, memory, timers, interrupts and power are
// used. A name that ends in '*' stands for all that begin so. '-' and '_' are the same to the kernel and
// here.
constexpr std::string_view kOpenParameters[] = {
    "acpi_cppc*",
    "amd_iommu",
    "amd_pstate",
    "cgroup_*",
    "clocksource",
    "cpufreq.*",
    "cpuidle*",
    "default_hugepagesz",
    "hpet",
    "hugepages",
    "hugepagesz",
    "hugetlb*",
    "idle",
    "init_on_alloc",
    "init_on_free",
    "intel_idle.*",
    "intel_iommu",
    "intel_pstate",
    "io_uring*",
    "iommu*",
    "irqaffinity",
    "isolcpus",
    "kpti",
    "kthread_cpus",
    "maxcpus",
    "mce",
    "mitigations",
    "nmi_watchdog",
    "nohz",
    "nohz_full",
    "nosmt",
    "notsc",
    "nowatchdog",
    "nr_cpus",
    "numa*",
    "pci",
    "pcie_aspm*",
    "possible_cpus",
    "preempt",
    "processor.*",
    "pti",
    "rcu_*",
    "rcupdate.*",
    "rcutree.*",
    "retbleed",
    "selinux",
    "skew_tick",
    "smt",
    "spec_*",
    "spectre_v2*",
    "swiotlb",
    "systemd.unified_cgroup_hierarchy",
    "threadirqs",
    "transparent_hugepage",
    "tsc",
    "tsx*",
    "tuned.non_isolcpus",
    "unbound_workqueue_cpus",
    "workqueue.*",
    "x2apic*",
};

bool is_open(std::string_view parameter) {
    std::string name(parameter);
    std::replace(name.begin(), name.end(), '-', '_');
    return std::any_of(std::begin(kOpenParameters), std::end(kOpenParameters), [&](std::string_view row) {
        if (!row.ends_with('*')) return name == row;
        row.remove_suffix(1);
        return name.starts_with(row);
    });
}

// A parameter without a value is a word of the kernel's or of a program's vocabulary, unless it looks like
// data.
bool is_word(std::string_view text) {
    constexpr std::size_t kWordMax = 32;
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || c == '-' || c == '.'; };
    const auto digits = std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    const bool plain =
        std::all_of(text.begin(), text.end(), [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
    return text.size() <= kWordMax && digits <= 4 && plain && !text.starts_with('-');
}

// The lines that begin with one of the words.
template <std::size_t N>
std::string lines_of(std::string_view text, const std::string_view (&words)[N]) {
    std::string out;
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        const auto begins = [&](std::string_view word) { return trim_space(line).starts_with(word); };
        if (std::any_of(std::begin(words), std::end(words), begins)) out.append(line).append("\n");
    }
    return out;
}

}  // namespace

std::string clean_cpuinfo(std::string_view text) {
    static constexpr std::string_view kIdentification = "identification =";
    std::string out;
    while (!text.empty()) {
        std::string line(take_line(text));
        if (line.starts_with("Serial")) continue;  // Arm boards
        // s390: "processor 0: version = FF,  identification = 0123AB,  machine = 2964"
        for (auto at = line.find(kIdentification); at != line.npos; at = line.find(kIdentification, at)) {
            line.erase(at, line.find(',', at) - at);
        }
        out += line + "\n";
    }
    return out;
}

std::string clean_version(std::string_view text) {
    std::string out;
    for (int word = 0; word < 3; ++word) out.append(word == 0 ? "" : " ").append(take_until(text, ' '));
    return std::string(trim_space(out));
}

std::string clean_sysinfo(std::string_view text) {
    static constexpr std::string_view kWords[] = {"VM00 Control Program"};
    return lines_of(text, kWords);
}

std::string clean_nvidia(std::string_view text) {
    static constexpr std::string_view kWords[] = {"Model:"};
    return lines_of(text, kWords);
}

std::string clean_mounts(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        std::string_view rest = line;
        take_until(rest, ' ');
        const std::string_view point = take_until(rest, ' ');
        const std::string_view type = take_until(rest, ' ');
        const std::string_view options = take_until(rest, ' ');
        const bool is_cgroup = type == "cgroup" || type == "cgroup2" || type == "cpuset";
        const bool is_usual = point.starts_with("/sys/fs/cgroup") || point.starts_with("/dev/cpuset");
        if (!is_cgroup || !is_usual || point.find("..") != point.npos) continue;
        // The source is a name that anyone may give.
        out.append(type)
            .append(" ")
            .append(point)
            .append(" ")
            .append(type)
            .append(" ")
            .append(options)
            .append(" 0 0\n");
    }
    return out;
}

std::string clean_pci_config(std::string_view bytes) {
    constexpr std::size_t kHeaderBytes = 64;
    std::string out(bytes.substr(0, kHeaderBytes));
    out.resize(kHeaderBytes, '\n');  // a final newline was taken away when the file was read as text
    return out;
}

std::string clean_presence(std::string_view) {
    return "...";
}

std::string clean_cmdline(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        std::string_view word = take_until(text, ' ');
        // A quoted value goes on to the quote that ends it.
        std::string whole(word);
        while (std::count(whole.begin(), whole.end(), '"') % 2 != 0 && !text.empty()) {
            whole.append(" ").append(take_until(text, ' '));
        }
        whole = trim_space(whole);
        if (whole == "--") break;
        if (whole.empty()) continue;
        const std::size_t equals = whole.find('=');
        const std::string name = whole.substr(0, equals);
        if (!is_open(name)) whole = (is_word(name) ? name : "...") + (equals != whole.npos ? "=..." : "");
        out += (out.empty() ? "" : " ") + whole;
    }
    return out;
}

bool is_named_by_address(std::string_view name) {
    constexpr std::size_t kPrefix = 3, kDigits = 12;
    if (name.size() != kPrefix + kDigits || name[2] != 'x') return false;
    return name.find_first_not_of("0123456789abcdef", kPrefix) == name.npos;
}

}  // namespace torque
