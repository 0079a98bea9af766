#include "machine/from_cpuid_types.h"
#include "base/format.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "machine/findings_checks.h"

namespace torque {

namespace {

bool has_l3(const CpuidKind& kind) {
    return std::any_of(kind.caches.begin(), kind.caches.end(),
                       [](const CpuidCache& cache) { return cache.level >= 3; });
}

bool is_small(const CpuidKind& kind) {
    return kind.core_type == CpuidCoreType::intel_atom || kind.core_type == CpuidCoreType::amd_efficiency;
}

bool is_big(const CpuidKind& kind) {
    return kind.core_type == CpuidCoreType::intel_core || kind.core_type == CpuidCoreType::amd_performance;
}

// Which cores a machine has, of which a core's class depends.
struct Mix {
    bool has_big = false, has_small = false;
    bool has_small_with_l3 = false, has_small_without_l3 = false;

    explicit Mix(const std::vector<CpuidKind>& kinds) {
        for (const CpuidKind& kind : kinds) {
            has_big = has_big || is_big(kind);
            has_small = has_small || is_small(kind);
            has_small_with_l3 = has_small_with_l3 || (is_small(kind) && has_l3(kind));
            has_small_without_l3 = has_small_without_l3 || (is_small(kind) && !has_l3(kind));
        }
    }
};

// Low-power cores call themselves Atom as the other efficiency cores do; they are those outside the L3 while
// others of their name are inside.
CoreClass class_of(const Mix& mix, const CpuidKind& kind) {
    const bool has_low_power = mix.has_small_with_l3 && mix.has_small_without_l3;
    if (is_small(kind) && has_low_power && !has_l3(kind)) return CoreClass::low_power;
    if (is_small(kind) && (mix.has_big || has_low_power)) return CoreClass::efficiency;
    if (is_big(kind) && mix.has_small) return CoreClass::performance;
    return CoreClass::uniform;
}

// What makes a type: CPUs that differ in their caches alone (the two L3s of an X3D part) or their stepping
// are of one.
using TypeKey = std::tuple<CoreClass, std::string, int, int, CpuidCoreType, std::uint32_t>;

TypeKey type_key(const Mix& mix, const CpuidKind& kind) {
    return {class_of(mix, kind), kind.vendor, kind.family, kind.model, kind.core_type, kind.native_model};
}

void add_provenance(const CpuidFacts& facts, const char* fact, std::string CpuidKind::*leaf,
                    Machine& machine) {
    std::set<std::string> leaves;
    for (const CpuidKind& kind : facts.kinds) {
        if (!(kind.*leaf).empty()) leaves.insert(kind.*leaf);
    }
    if (!leaves.empty())
        machine.provenance.push_back({fact, facts.source + ": leaf " + joined(leaves, ", ")});
}

bool reports_tlbs_twice(const CpuidKind& kind) {
    if (kind.tlb_leaf.find(',') == std::string::npos) return false;
    for (std::size_t i = 0; i < kind.tlbs.size(); ++i) {
        for (std::size_t j = i + 1; j < kind.tlbs.size(); ++j) {
            const CpuidTlb &a = kind.tlbs[i], &b = kind.tlbs[j];
            if (a.level == b.level && a.type == b.type && a.page_sizes == b.page_sizes) return true;
        }
    }
    return false;
}

void find_unplaced(const CpuidFacts& facts, Machine& machine) {
    CpuSet unplaced;
    for (const Cpu& cpu : machine.cpus) {
        if (!cpu.apic_id) unplaced.add(cpu.id);
    }
    if (unplaced.empty()) return;
    machine.findings.push_back(
        {"cpuid-no-apic-ids",
         Severity::warning,
         findings::cpus_text(unplaced) + " do not have APIC ids of their own, so CPUID cannot "
                                         "tell them apart",
         "their cores, packages and shared caches are not listed; the kernel's sysfs knows more",
         {facts.source}});
}

void find_partial(const CpuidFacts& facts, Machine& machine) {
    if (facts.kinds.empty()) return;
    const auto expected = facts.kinds.front().package_cpus;
    const int present = static_cast<int>(facts.cpus.size());
    if (!expected || present >= *expected) return;
    machine.findings.push_back({"cpuid-partial",
                                Severity::info,
                                "CPUID was read on " + std::to_string(present) + " of the package's " +
                                    std::to_string(*expected) + " CPUs",
                                "counts of cores and of sharing CPUs cover only the CPUs listed",
                                {facts.source}});
}

}  // namespace

void list_types(const CpuidFacts& facts, Machine& machine) {
    std::map<TypeKey, CoreType> types;
    std::vector<TypeKey> key_of_kind;
    const Mix mix(facts.kinds);
    for (std::size_t i = 0; i < facts.kinds.size(); ++i) {
        const CpuidKind& kind = facts.kinds[i];
        const TypeKey key = type_key(mix, kind);
        key_of_kind.push_back(key);
        const auto [at, is_new] = types.try_emplace(key);
        CoreType& type = at->second;
        if (is_new) {
            type.codename = facts.names[i].codename;
            type.features = facts.names[i].features;
        }
        type.core_class = std::get<CoreClass>(key);
        type.vendor = kind.vendor;
        if (!type.brand) type.brand = kind.brand;
        type.family = kind.family;
        type.model = kind.model;
        if (!type.stepping) type.stepping = kind.stepping;
    }
    std::map<TypeKey, TypeId> ids;
    for (const auto& [key, type] : types) {
        ids[key] = TypeId{static_cast<int>(machine.types.size())};
        machine.types.push_back(type);
        machine.types.back().id = ids[key];
    }
    std::vector<TypeId> id_of_kind;
    for (const TypeKey& key : key_of_kind) id_of_kind.push_back(ids[key]);
    for (std::size_t i = 0; i < facts.cpus.size(); ++i) {
        const TypeId id = id_of_kind[static_cast<std::size_t>(facts.cpus[i].kind)];
        machine.cpus[i].type = id;
        machine.types[static_cast<std::size_t>(id.value)].cpus.add(facts.cpus[i].cpu);
    }
}

void count_threads(Machine& machine) {
    for (const Core& core : machine.cores) {
        if (!core.type) continue;
        auto& threads = machine.types[static_cast<std::size_t>(core.type->value)].threads_per_core;
        threads = std::max(threads.value_or(0), core.cpus.count());
    }
}

void list_tlbs(const CpuidFacts& facts, Machine& machine) {
    struct Group {
        const std::vector<CpuidTlb>* tlbs;
        CpuSet cpus;
    };
    constexpr std::ptrdiff_t kLookBack = 64;  // machines have a handful; see read_cpuid()
    std::vector<Group> groups;
    std::vector<std::size_t> group_of_kind;
    for (const CpuidKind& kind : facts.kinds) {
        const auto oldest = groups.begin() + std::max<std::ptrdiff_t>(0, std::ssize(groups) - kLookBack);
        auto at =
            std::find_if(oldest, groups.end(), [&](const Group& group) { return *group.tlbs == kind.tlbs; });
        if (at == groups.end()) at = groups.insert(groups.end(), {&kind.tlbs, {}});
        group_of_kind.push_back(static_cast<std::size_t>(at - groups.begin()));
    }
    for (const CpuidCpu& cpu : facts.cpus) {
        groups[group_of_kind[static_cast<std::size_t>(cpu.kind)]].cpus.add(cpu.cpu);
    }
    for (const Group& group : groups) {
        for (Tlb tlb : *group.tlbs) {
            tlb.cpus = group.cpus;
            machine.tlbs.push_back(std::move(tlb));
        }
    }
}

void list_findings(const CpuidFacts& facts, Machine& machine) {
    add_provenance(facts, "cores", &CpuidKind::topology_leaf, machine);
    const auto has_id = [](const Cpu& cpu) { return cpu.apic_id.has_value(); };
    if (std::any_of(machine.cpus.begin(), machine.cpus.end(), has_id))
        add_provenance(facts, "cpus.apic_id", &CpuidKind::topology_leaf, machine);
    add_provenance(facts, "caches", &CpuidKind::cache_leaf, machine);
    add_provenance(facts, "tlbs", &CpuidKind::tlb_leaf, machine);
    find_unplaced(facts, machine);
    find_partial(facts, machine);
    if (!facts.refused_cpus.empty()) {
        CpuSet refused;
        for (const int cpu : facts.refused_cpus) refused.add(cpu);
        machine.findings.push_back({"cpuid-refused",
                                    Severity::info,
                                    "CPUID was not executed on " + findings::cpus_text(refused),
                                    "run or gather outside the cpuset, or with more rights",
                                    {facts.source}});
    }
    if (facts.is_guest && !facts.hypervisor) {
        machine.findings.push_back({"cpuid-hypervisor-unnamed",
                                    Severity::info,
                                    "CPUID says that a hypervisor is present and does not name it",
                                    "",
                                    {facts.source}});
    }
    if (std::any_of(facts.kinds.begin(), facts.kinds.end(), reports_tlbs_twice)) {
        machine.findings.push_back({"cpuid-tlb-reports",
                                    Severity::info,
                                    "two CPUID leaves describe TLBs for the same pages; both are listed",
                                    "",
                                    {facts.source}});
    }
}

}  // namespace torque
