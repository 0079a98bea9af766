#include "machine/core_types.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "probes/arm_names.h"

namespace torque {
namespace {

constexpr int kSameTypePercent = 85;

CoreClass class_of_pmu(const std::string& pmu) {
    if (pmu == "cpu_atom") return CoreClass::efficiency;
    return pmu == "cpu_lowpower" ? CoreClass::low_power : CoreClass::performance;
}

CoreClass class_of_rank(std::size_t rank, std::size_t count) {
    if (count == 1) return CoreClass::uniform;
    static constexpr CoreClass kByRank[] = {CoreClass::performance, CoreClass::efficiency,
                                            CoreClass::low_power};
    return kByRank[std::min<std::size_t>(rank, 2)];
}

// CPUs of like speed, fastest first. Empty when some online CPU has no such figure.
template <class Speed>
std::vector<CpuSet> by_speed(const Machine& machine, Speed speed_of) {
    std::map<std::uint64_t, CpuSet, std::greater<>> by_value;
    for (const Cpu& cpu : machine.cpus) {
        if (!cpu.online) continue;
        const std::optional<std::uint64_t> speed = speed_of(cpu);
        if (!speed || *speed == 0) return {};
        by_value[*speed].add(cpu.id);
    }
    std::vector<CpuSet> groups;
    std::uint64_t leader = 0;
    for (const auto& entry : by_value) {
        if (groups.empty() || entry.first * 100 < leader * kSameTypePercent) {
            groups.emplace_back();
            leader = entry.first;
        }
        groups.back() |= entry.second;
    }
    return groups;
}

// The CPUs of each speed, by the first figure that all of them have, and where it stands.
struct Speeds {
    std::vector<CpuSet> groups;
    const char* source = nullptr;
};

Speeds by_capacity_or_frequency(const Machine& machine) {
    auto groups = by_speed(machine, [](const Cpu& cpu) -> std::optional<std::uint64_t> {
        return cpu.capacity && *cpu.capacity > 0 ? std::optional<std::uint64_t>(*cpu.capacity) : std::nullopt;
    });
    if (!groups.empty()) return {std::move(groups), "/sys/devices/system/cpu/cpu*/cpu_capacity"};
    groups = by_speed(machine, [](const Cpu& cpu) { return cpu.max_khz; });
    if (!groups.empty()) return {std::move(groups), "/sys/devices/system/cpu/cpu*/cpufreq/cpuinfo_max_freq"};
    return {{machine.host.online}, nullptr};
}

void describe(const std::vector<CpuInfo>& info, CoreType& type) {
    const auto about = std::find_if(info.begin(), info.end(),
                                    [&](const CpuInfo& cpu) { return type.cpus.contains(cpu.cpu); });
    if (about == info.end()) return;
    type.vendor = about->vendor;
    type.brand = about->brand;
    const std::string_view name = arm_core_name(about->vendor.value_or(""), about->brand.value_or(""));
    if (!name.empty()) type.codename = name;
    type.family = about->family;
    type.model = about->model;
    type.stepping = about->stepping;
}

}  // namespace

void add_core_types(const std::vector<SysfsCoreType>& named, const std::vector<CpuInfo>& info,
                    Machine& machine) {
    const CpuSet& online = machine.host.online;
    CpuSet left = online;
    for (const SysfsCoreType& from_kernel : named) {
        CoreType type;
        type.core_class = class_of_pmu(from_kernel.pmu);
        type.cpus = from_kernel.cpus & left;
        left -= type.cpus;
        if (!type.cpus.empty()) machine.types.push_back(std::move(type));
    }
    const bool kernel_names_all = !machine.types.empty() && left.empty();
    if (kernel_names_all) {
        if (machine.types.size() == 1) machine.types.front().core_class = CoreClass::uniform;
        machine.provenance.push_back({"types", "/sys/devices/cpu_{core,atom,lowpower}/cpus"});
    } else if (!online.empty()) {
        machine.types.clear();
        const Speeds speeds = by_capacity_or_frequency(machine);
        for (const CpuSet& cpus : speeds.groups) {
            CoreType type;
            type.core_class = class_of_rank(machine.types.size(), speeds.groups.size());
            type.cpus = cpus;
            machine.types.push_back(std::move(type));
        }
        if (speeds.source != nullptr) machine.provenance.push_back({"types", speeds.source});
    }
    for (CoreType& type : machine.types) describe(info, type);
    const auto has_name = [](const CoreType& type) { return type.codename.has_value(); };
    if (std::any_of(machine.types.begin(), machine.types.end(), has_name))
        machine.provenance.push_back({"types.codename", "/proc/cpuinfo: CPU implementer, CPU part"});
    assign_types(machine);
}

void assign_types(Machine& machine) {
    for (std::size_t i = 0; i < machine.types.size(); ++i) {
        CoreType& type = machine.types[i];
        type.id = TypeId{static_cast<int>(i)};
        for (Cpu& cpu : machine.cpus) {
            if (type.cpus.contains(cpu.id)) cpu.type = type.id;
        }
        type.threads_per_core.reset();
        for (Core& core : machine.cores) {
            if (!type.cpus.contains(core.cpus.first())) continue;
            core.type = type.id;
            type.threads_per_core = std::max(type.threads_per_core.value_or(0), core.cpus.count());
        }
    }
}

}  // namespace torque
