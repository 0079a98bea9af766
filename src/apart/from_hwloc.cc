#include "apart/from_hwloc.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include "libraries/hwloc.h"
#include "machine/core_types.h"
#include "machine/findings.h"
#include "machine/fingerprint.h"
#include "probes/pci.h"

namespace torque {
namespace {

Cpu* find_cpu(Machine& machine, int id) {
    const auto at = std::lower_bound(machine.cpus.begin(), machine.cpus.end(), id,
                                     [](const Cpu& cpu, int wanted) { return cpu.id.value < wanted; });
    return at != machine.cpus.end() && at->id.value == id ? &*at : nullptr;
}

std::optional<std::string> unless_empty(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

void add_cpus(const HwlocFacts& facts, Machine& machine) {
    machine.host.possible = facts.possible;
    machine.host.online = facts.online;
    for (const int id : facts.possible) {
        Cpu cpu;
        cpu.id = CpuId{id};
        cpu.online = facts.online.contains(id);
        cpu.allowed = cpu.online && facts.allowed.contains(id);
        machine.cpus.push_back(cpu);
    }
}

// The groups that have online CPUs, in the order of the first of them, without those that overlap an earlier
// one.
std::vector<HwlocObject> in_order(std::vector<HwlocObject> objects, const CpuSet& online) {
    for (HwlocObject& object : objects) object.cpus &= online;
    std::sort(objects.begin(), objects.end(), [](const auto& a, const auto& b) { return a.cpus < b.cpus; });
    CpuSet taken;
    std::erase_if(objects, [&](const HwlocObject& object) {
        if (object.cpus.empty() || object.cpus.intersects(taken)) return true;
        taken |= object.cpus;
        return false;
    });
    return objects;
}

void add_packages(const std::vector<HwlocObject>& objects, Machine& machine) {
    std::vector<int> used;
    int unused = 0;
    for (const HwlocObject& object : objects) {
        if (object.id && *object.id < INT32_MAX - 1'000'000) unused = std::max(unused, *object.id + 1);
    }
    for (const HwlocObject& object : objects) {
        const bool known = object.id && std::find(used.begin(), used.end(), *object.id) == used.end();
        const PackageId id{known ? *object.id : unused++};
        used.push_back(id.value);
        machine.packages.push_back({id, object.cpus});
        for (const int cpu : object.cpus) find_cpu(machine, cpu)->package = id;
    }
    std::sort(machine.packages.begin(), machine.packages.end(),
              [](const auto& a, const auto& b) { return a.id < b.id; });
}

// Dies and clusters, which are alike but for what a CPU calls them.
template <class Part, class PartId>
void add_parts(const std::vector<HwlocObject>& objects, std::vector<Part>& parts,
               std::optional<PartId> Cpu::*of_cpu, Machine& machine) {
    for (const HwlocObject& object : objects) {
        const PartId id{static_cast<int>(parts.size())};
        parts.push_back({id, find_cpu(machine, object.cpus.first())->package, object.cpus});
        for (const int cpu : object.cpus) find_cpu(machine, cpu)->*of_cpu = id;
    }
}

void add_cores(const std::vector<HwlocObject>& objects, Machine& machine) {
    for (const HwlocObject& object : objects) {
        const Cpu& first = *find_cpu(machine, object.cpus.first());
        const CoreId id{static_cast<int>(machine.cores.size())};
        machine.cores.push_back({id, object.id, first.package, first.die, std::nullopt, object.cpus});
        int smt = 0;
        for (const int cpu : object.cpus) {
            find_cpu(machine, cpu)->core = id;
            find_cpu(machine, cpu)->smt = smt++;
        }
    }
}

void add_types(const HwlocFacts& facts, Machine& machine) {
    std::vector<SysfsCoreType> named;  // what the kernel calls hwloc's types, fastest first
    for (const auto& [hwloc_name, pmu] :
         {std::pair("IntelCore", "cpu_core"), std::pair("IntelAtom", "cpu_atom")}) {
        CpuSet cpus;
        for (const HwlocCpuKind& kind : facts.kinds) {
            if (kind.core_type == hwloc_name) cpus |= kind.cpus;
        }
        if (!cpus.empty()) named.push_back({pmu, std::move(cpus)});
    }
    for (const HwlocCpuKind& kind : facts.kinds) {
        for (const int id : kind.cpus) {
            Cpu* cpu = find_cpu(machine, id);
            if (cpu == nullptr) continue;
            if (kind.max_khz) cpu->max_khz = kind.max_khz;
            if (kind.capacity) cpu->capacity = kind.capacity;
        }
    }
    add_core_types(named, {}, machine);
    for (CoreType& type : machine.types) {
        type.vendor = unless_empty(facts.identity.vendor);
        type.brand = unless_empty(facts.identity.brand);
        type.family = facts.identity.family;
        type.model = facts.identity.model;
        type.stepping = facts.identity.stepping;
    }
}

std::optional<MemoryKind> memory_kind_of(std::string_view subtype) {
    if (subtype == "HBM" || subtype == "MCDRAM") return MemoryKind::hbm;
    if (subtype.starts_with("CXL")) return MemoryKind::cxl;
    if (subtype == "GPUMemory") return MemoryKind::gpu;
    return subtype == "DRAM" ? std::optional(MemoryKind::dram) : std::nullopt;
}

void add_nodes(const HwlocFacts& facts, Machine& machine) {
    Distances distances;
    std::uint64_t memory_bytes = 0;
    for (const HwlocNode& from : facts.nodes) {
        Node node;
        node.id = NodeId{from.id};
        node.cpus = from.cpus & facts.online;
        if (from.memory_bytes > 0) node.memory_bytes = from.memory_bytes;  // hwloc drops nodes that have none
        node.hugepages = from.page_types;
        node.memory_kind = memory_kind_of(from.subtype);
        memory_bytes += from.memory_bytes;
        distances.nodes.push_back(node.id);
        for (const int cpu : node.cpus) {
            Cpu* entry = find_cpu(machine, cpu);
            if (entry != nullptr && !entry->node) entry->node = node.id;
        }
        machine.nodes.push_back(std::move(node));
    }
    std::sort(machine.nodes.begin(), machine.nodes.end(),
              [](const Node& a, const Node& b) { return a.id < b.id; });
    const auto same = [](const Node& a, const Node& b) { return a.id == b.id; };
    machine.nodes.erase(std::unique(machine.nodes.begin(), machine.nodes.end(), same), machine.nodes.end());
    if (memory_bytes > 0) machine.host.memory_bytes = memory_bytes;
    if (facts.distances.empty() || !std::is_sorted(distances.nodes.begin(), distances.nodes.end())) return;
    distances.matrix = facts.distances;
    machine.distances = std::move(distances);
}

bool is_disk(const HwlocDevice& device) {
    return device.kind == "block" || device.kind == "nvme";
}

// What the operating system calls a device, on the PCI function that it belongs to; functions without one.
void add_devices(const HwlocFacts& facts, Machine& machine) {
    const auto function_of = [&](const HwlocDevice& device) {
        return std::find_if(facts.devices.begin(), facts.devices.end(), [&](const HwlocDevice& other) {
            return other.class_code != 0 && other.address == device.address;
        });
    };
    for (const HwlocDevice& from : facts.devices) {
        const bool is_function = from.class_code != 0;
        const bool has_name =
            is_function && std::any_of(facts.devices.begin(), facts.devices.end(), [&](const auto& d) {
                return d.class_code == 0 && d.address == from.address;
            });
        const char* kind = is_function ? pci_kind(from.class_code) : from.kind.c_str();
        if (has_name || kind == nullptr) continue;
        const auto function = is_function ? facts.devices.end() : function_of(from);
        const bool on_function = function != facts.devices.end();
        Device device;
        device.address = from.address;
        device.kind = kind;
        device.name = from.name;
        device.vendor = unless_empty(from.vendor.empty() && on_function ? function->vendor : from.vendor);
        device.model = unless_empty(from.model.empty() && on_function ? function->model : from.model);
        device.cpus = from.cpus & facts.online;
        if (from.nodes.size() == 1 && facts.nodes.size() > 1) device.node = NodeId{from.nodes.front()};
        if (!is_disk(from) || !from.address.empty()) machine.devices.push_back(std::move(device));
    }
    std::sort(machine.devices.begin(), machine.devices.end(), [](const Device& a, const Device& b) {
        return std::tie(a.address, a.name) < std::tie(b.address, b.name);
    });
}

Result<Machine> build(const Result<HwlocFacts>& facts, const std::string& name) {
    if (!facts) return tl::unexpected<Error>(facts.error());
    if (facts->online.empty()) return fail("it tells of no CPU", name);
    Machine machine;
    add_cpus(*facts, machine);
    add_packages(in_order(facts->packages, facts->online), machine);
    add_parts(in_order(facts->dies, facts->online), machine.dies, &Cpu::die, machine);
    add_parts(in_order(facts->clusters, facts->online), machine.clusters, &Cpu::cluster, machine);
    add_cores(in_order(facts->cores, facts->online), machine);
    machine.host.kernel = unless_empty(facts->kernel);
    machine.host.arch = unless_empty(facts->arch);
    machine.host.model = unless_empty(facts->identity.brand);
    add_types(*facts, machine);
    machine.caches = facts->caches;
    for (Cache& cache : machine.caches) cache.cpus &= facts->online;
    std::erase_if(machine.caches, [](const Cache& cache) { return cache.cpus.empty(); });
    std::stable_sort(machine.caches.begin(), machine.caches.end(), [](const Cache& a, const Cache& b) {
        return std::tuple(a.level, a.type, a.cpus.first()) < std::tuple(b.level, b.type, b.cpus.first());
    });
    add_nodes(*facts, machine);
    add_devices(*facts, machine);
    machine.provenance.assign(1, {"everything", facts->library + ": " + name});
    machine.host.source = name;
    machine.fingerprint = fingerprint(machine);
    add_findings({}, {}, machine);
    return machine;
}

}  // namespace

Result<Machine> machine_from_hwloc_xml(const std::string& text, const std::string& name) {
    return build(read_hwloc_xml(text, name), name);
}

Result<Machine> machine_from_hwloc_synthetic(const std::string& text, const std::string& name) {
    return build(read_hwloc_synthetic(text, name), name);
}

Result<Machine> machine_as_hwloc_finds_it(const std::string& name) {
    return build(read_hwloc_own(name), name);
}

}  // namespace torque
