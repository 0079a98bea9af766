#include "cli/measure_cache_live.h"

#include <algorithm>
#include <chrono>
#include <tuple>

#include "base/declared_sizes.h"
#include "base/format.h"
#include "cli/measure_here.h"
#include "measure/room.h"
#include "sys/host.h"
#include "torque/discover.h"

namespace torque {
namespace {

using measure::Order;
using measure::Way;

constexpr std::size_t MiB = std::size_t{1} << 20;
constexpr std::size_t kBytesLeast = 64 * MiB, kBytesMost = 4096 * MiB;
constexpr std::size_t kPagesLeast = 4096, kPagesMost = 65536;
constexpr std::size_t kBeyond = 4;         // times the largest cache or TLB are measured
constexpr std::size_t kShareOfMemory = 4;  // a fourth of what is free, at most

// The quickest to tell of a cache first: where time is short, the last ones end early.
const std::vector<Way> kWays{{Order::near, PageWish::huge},
                             {Order::pages, PageWish::base},
                             {Order::pages, PageWish::huge},
                             {Order::far, PageWish::base},
                             {Order::far, PageWish::huge}};

std::vector<DeclaredSize> tlbs_of(const Machine& machine, int cpu) {
    return declared_tlbs(machine, cpu, base_page_bytes());
}

auto kind_of(const Machine& machine, int cpu) {
    const auto found = std::find_if(machine.cpus.begin(), machine.cpus.end(),
                                    [&](const Cpu& own) { return own.id.value == cpu; });
    const int type = found != machine.cpus.end() && found->type ? found->type->value : -1;
    return std::tuple(type, declared_caches(machine, cpu), tlbs_of(machine, cpu));
}

CpuSet one_of_each_kind(const Machine& machine, const CpuSet& cpus) {
    CpuSet chosen;
    for (const int cpu : cpus) {
        const auto kind = kind_of(machine, cpu);
        const bool is_new = std::none_of(chosen.begin(), chosen.end(),
                                         [&](int other) { return kind_of(machine, other) == kind; });
        if (is_new) chosen.add(cpu);
    }
    return chosen;
}

measure::WorkingSetLimits limits_of(const Dir& root, const Machine& machine, int cpu) {
    measure::WorkingSetLimits limits;
    limits.line_bytes = line_bytes_of(machine, cpu);
    const auto caches = declared_caches(machine, cpu), tlbs = tlbs_of(machine, cpu);
    limits.cache_bytes = caches.empty() ? 32 * MiB : caches.back().size;
    const std::size_t free =
        std::min<std::uint64_t>(measure::free_bytes(root, std::nullopt).value_or(kBytesMost), kBytesMost);
    const std::size_t wanted = std::clamp(kBeyond * limits.cache_bytes, kBytesLeast, kBytesMost);
    limits.bytes_max = std::max(std::min(wanted, free / kShareOfMemory), MiB);
    const std::size_t pages =
        std::clamp(kBeyond * (tlbs.empty() ? 0 : tlbs.back().size), kPagesLeast, kPagesMost);
    limits.pages_max = std::min(pages, limits.bytes_max / base_page_bytes());
    return limits;
}

std::vector<DeclaredLevel> judged(const std::vector<DeclaredSize>& sizes,
                                  const std::vector<measure::Knee>& knees, const measure::Curve& curve,
                                  const std::vector<measure::Curve>& passes) {
    std::vector<double> declared;
    for (const DeclaredSize& size : sizes) declared.push_back(static_cast<double>(size.size));
    const double reached = curve.empty() ? 0 : static_cast<double>(curve.back().size);
    const auto claims = measure::judge(declared, knees, reached);
    std::vector<DeclaredLevel> levels;
    for (std::size_t i = 0; i < claims.size(); ++i) {
        levels.push_back({sizes[i].level, sizes[i].type, claims[i], 0});
        if (claims[i].knee) levels.back().confidence = measure::agreement(knees[*claims[i].knee], passes);
    }
    return levels;
}

void find_levels(const Machine& machine, CpuCaches& found) {
    const measure::Curves& near = found.curves(Order::near, PageWish::huge);
    const measure::Curves& pages = found.curves(Order::pages, PageWish::base);
    found.cache_knees = measure::find_knees(near.quickest);
    found.caches = judged(declared_caches(machine, found.cpu), found.cache_knees, near.quickest, near.passes);
    std::vector<measure::Curve> passes;
    for (const measure::Curve& pass : pages.passes)
        passes.push_back(measure::without_caches(pass, near.quickest, found.line_bytes));
    const measure::Curve tlb = measure::without_caches(pages.quickest, near.quickest, found.line_bytes);
    found.tlb_knees = measure::find_knees(tlb);
    found.tlbs = judged(tlbs_of(machine, found.cpu), found.tlb_knees, tlb, passes);
}

CpuSet like(const Machine& machine, int cpu) {
    CpuSet cpus;
    for (const Cpu& other : machine.cpus) {
        if (other.online && kind_of(machine, other.id.value) == kind_of(machine, cpu))
            cpus.add(other.id.value);
    }
    return cpus;
}

}  // namespace

const measure::Curves& CpuCaches::curves(Order order, PageWish pages) const {
    return *std::find_if(sets.curves.begin(), sets.curves.end(), [&](const measure::Curves& own) {
        return own.way.order == order && own.way.pages == pages;
    });
}

Result<LiveCaches> measure_caches_here(const MeasureOptions& options) {
    const Result<Machine> machine = discover();
    if (!machine) return tl::unexpected<Error>(machine.error());
    const auto cpus = cpus_to_measure(options, *machine, 1);
    if (!cpus) return tl::unexpected<Error>(cpus.error());
    const Host host = live_host();
    LiveCaches live;
    live.cpus = options.cpus ? *cpus : one_of_each_kind(*machine, *cpus);
    live.fingerprint = machine->fingerprint;
    live.is_guest = machine->host.hypervisor.has_value();
    ProgressLine line;
    const std::chrono::milliseconds share(options.budget_ms / live.cpus.count());
    for (const int cpu : live.cpus) {
        const auto limits = limits_of(*host.root, *machine, cpu);
        const double done = static_cast<double>(live.measured.size());
        auto sets = measure::measure_working_sets(*host.root, cpu, kWays, limits, share, [&](double of_this) {
            line.show((done + of_this) / live.cpus.count(), formatted("CPU {}", cpu));
        });
        if (!sets) return tl::unexpected<Error>(sets.error());
        CpuCaches found{cpu, like(*machine, cpu), std::move(*sets), {}, {}, {}, {}};
        found.line_bytes = limits.line_bytes;
        found.page_bytes = base_page_bytes();
        find_levels(*machine, found);
        live.disturbance.waiting = std::max(live.disturbance.waiting, found.sets.disturbance.waiting);
        live.disturbance.steal = std::max(live.disturbance.steal, found.sets.disturbance.steal);
        live.measured.push_back(std::move(found));
    }
    return live;
}

}  // namespace torque
