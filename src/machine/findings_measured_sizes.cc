
#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "base/declared_sizes.h"
#include "base/format.h"
#include "base/found_sizes.h"
#include "machine/findings_checks.h"
#include "machine/findings_measured_parts.h"

namespace torque::findings {
namespace {

constexpr std::size_t kNamed = 6;

// One level of caches or TLBs that all declare one size.
struct Other {
    bool is_tlb = false;
    int level = 0;
    std::string type;
    std::size_t page_bytes = 0;  // of a TLB
    std::size_t declared = 0;
    double least = 0, most = 0;  // that was found
    CpuSet cpus;

    auto key() const { return std::tie(is_tlb, level, type, page_bytes, declared); }
};

void add(const Other& one, std::vector<Other>& others) {
    const auto same =
        std::find_if(others.begin(), others.end(), [&](const Other& row) { return row.key() == one.key(); });
    if (same == others.end()) {
        others.push_back(one);
        return;
    }
    same->least = std::min(same->least, one.least);
    same->most = std::max(same->most, one.most);
    same->cpus |= one.cpus;
}

// Where the latency still rises at the end, the knee may lie higher than it was found: it can be too small
// for what is declared, or so it seems, and says nothing then.
void compare(const std::vector<DeclaredSize>& declared, const std::vector<MeasuredKnee>& knees, Other of,
             std::vector<Other>& others) {
    std::vector<double> sizes, found;
    for (const DeclaredSize& row : declared) sizes.push_back(static_cast<double>(row.size));
    for (const MeasuredKnee& knee : knees) found.push_back(knee.at);
    const auto matches = match_sizes(sizes, found);
    for (std::size_t i = 0; i < declared.size(); ++i) {
        if (!matches[i]) continue;
        const MeasuredKnee& knee = knees[*matches[i]];
        if (is_as_declared(sizes[i], knee.at) || (knee.is_open && knee.at < sizes[i])) continue;
        of.level = declared[i].level;
        of.type = declared[i].type;
        of.declared = declared[i].size;
        of.least = of.most = knee.at;
        add(of, others);
    }
}

std::string found_text(const Other& other) {
    const auto text = [&](double size) {
        constexpr double kMost = 1e18;  // any number may stand in a document
        return other.is_tlb ? formatted("{:.0f}", size)
                            : size_text(static_cast<std::uint64_t>(std::min(size, kMost)));
    };
    const std::string least = text(other.least), most = text(other.most);
    return least == most ? least : least + " to " + most;
}

// "L3 4.4 MiB and not 32 MiB (CPU 0)", "L2 TLB 1500 and not 3072 pages of 4 KiB (CPUs 0-1)"
std::string text_of(const Other& other) {
    if (other.is_tlb) {
        return formatted("L{} TLB {} and not {} pages of {} ({})", other.level, found_text(other),
                         other.declared, size_text(other.page_bytes), cpus_text(other.cpus));
    }
    return formatted("L{}{} {} and not {} ({})", other.level, other.type == "data" ? "d" : "",
                     found_text(other), size_text(other.declared), cpus_text(other.cpus));
}

}  // namespace

void find_other_sizes(const MeasuredCaches& caches, Machine& machine) {
    std::vector<Other> others;
    for (const MeasuredCachesOfCpu& row : caches.measured) {
        Other of;
        of.cpus.add(row.cpu);
        compare(declared_caches(machine, row.cpu), row.caches, of, others);
        of.is_tlb = true;
        of.page_bytes = row.page_bytes;
        compare(declared_tlbs(machine, row.cpu, row.page_bytes), row.tlbs, of, others);
    }
    if (others.empty()) return;
    std::sort(others.begin(), others.end(), [](const Other& a, const Other& b) { return a.key() < b.key(); });
    std::string list;
    for (std::size_t i = 0; i < std::min(others.size(), kNamed); ++i)
        list += (list.empty() ? "" : ", ") + text_of(others[i]);
    if (others.size() > kNamed) list += formatted(" and {} more", others.size() - kNamed);
    machine.findings.push_back(
        {"measured-cache-differs",
         Severity::warning,
         "by the latency of loads, caches or TLBs hold other than is claimed: " + list,
         machine.host.hypervisor
             ? "the host's other guests use its last-level cache too, or the hypervisor has made the size "
               "up: "
               "size buffers by what was measured"
             : "other programs use a shared cache too, or a part of it is reserved (resctrl): measure again "
               "when nothing else runs",
         {caches.file, source_of(machine, "caches", "the machine's claims")}});
}

}  // namespace torque::findings
