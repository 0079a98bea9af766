#include "layout/machine_json.h"

#include "layout/json.h"

namespace torque {
namespace {

constexpr const char* kClasses[] = {"performance", "efficiency", "low-power", "uniform"};
constexpr const char* kCacheTypes[] = {"data", "instruction", "unified"};
constexpr const char* kTlbTypes[] = {"data", "instruction", "unified", "load", "store"};
constexpr const char* kMemoryKinds[] = {"dram", "hbm", "cxl", "gpu"};
constexpr const char* kSeverities[] = {"info", "warning", "problem"};

template <class Enum, std::size_t N>
const char* word_of(const char* const (&words)[N], Enum value) {
    return words[static_cast<std::size_t>(value)];
}

Json to_json(const Cpu& cpu) {
    return {{"id", cpu.id.value},
            {"apic_id", json_or_null(cpu.apic_id)},
            {"core", json_or_null(cpu.core)},
            {"smt", json_or_null(cpu.smt)},
            {"package", json_or_null(cpu.package)},
            {"die", json_or_null(cpu.die)},
            {"cluster", json_or_null(cpu.cluster)},
            {"node", json_or_null(cpu.node)},
            {"type", json_or_null(cpu.type)},
            {"online", cpu.online},
            {"allowed", cpu.allowed},
            {"isolated", cpu.isolated},
            {"nohz_full", cpu.nohz_full},
            {"capacity", json_or_null(cpu.capacity)},
            {"max_khz", json_or_null(cpu.max_khz)}};
}

Json to_json(const Core& core) {
    return {{"id", core.id.value},
            {"core_id", json_or_null(core.core_id)},
            {"package", json_or_null(core.package)},
            {"die", json_or_null(core.die)},
            {"type", json_or_null(core.type)},
            {"cpus", core.cpus.list()}};
}

Json to_json(const Package& package) { return {{"id", package.id.value}, {"cpus", package.cpus.list()}}; }

template <class DieOrCluster>
Json part_to_json(const DieOrCluster& part) {
    return {{"id", part.id.value}, {"package", json_or_null(part.package)}, {"cpus", part.cpus.list()}};
}
Json to_json(const Die& die) { return part_to_json(die); }
Json to_json(const Cluster& cluster) { return part_to_json(cluster); }

Json to_json(const CoreType& type) {
    return {{"id", type.id.value},
            {"class", word_of(kClasses, type.core_class)},
            {"vendor", json_or_null(type.vendor)},
            {"brand", json_or_null(type.brand)},
            {"codename", json_or_null(type.codename)},
            {"family", json_or_null(type.family)},
            {"model", json_or_null(type.model)},
            {"stepping", json_or_null(type.stepping)},
            {"cpus", type.cpus.list()},
            {"threads_per_core", json_or_null(type.threads_per_core)},
            {"features", type.features}};
}

Json to_json(const Cache& cache) {
    return {{"level", cache.level},
            {"type", word_of(kCacheTypes, cache.type)},
            {"size_bytes", json_or_null(cache.size_bytes)},
            {"line_bytes", json_or_null(cache.line_bytes)},
            {"ways", json_or_null(cache.ways)},
            {"sets", json_or_null(cache.sets)},
            {"partitions", json_or_null(cache.partitions)},
            {"inclusive", json_or_null(cache.inclusive)},
            {"cpus", cache.cpus.list()}};
}

Json to_json(const Tlb& tlb) {
    return {{"level", tlb.level},
            {"type", word_of(kTlbTypes, tlb.type)},
            {"page_sizes", tlb.page_sizes},
            {"entries", json_or_null(tlb.entries)},
            {"ways", tlb.fully_associative ? Json("full") : json_or_null(tlb.ways)},
            {"cpus", tlb.cpus.list()}};
}

Json to_json(const Node& node) {
    Json hugepages = Json::array();
    for (const HugePages& pages : node.hugepages) {
        hugepages.push_back({{"page_bytes", pages.page_bytes}, {"total", pages.total}, {"free", pages.free}});
    }
    return {{"id", node.id.value},
            {"cpus", node.cpus.list()},
            {"memory_bytes", json_or_null(node.memory_bytes)},
            {"hugepages", std::move(hugepages)},
            {"memory_kind", node.memory_kind ? Json(word_of(kMemoryKinds, *node.memory_kind)) : Json(nullptr)}};
}

Json to_json(const Device& device) {
    return {{"address", device.address.empty() ? Json(nullptr) : Json(device.address)},
            {"class", device.kind},
            {"name", device.name.empty() ? Json(nullptr) : Json(device.name)},
            {"vendor", json_or_null(device.vendor)},
            {"model", json_or_null(device.model)},
            {"node", json_or_null(device.node)},
            {"cpus", device.cpus.list()},
            {"irqs", device.irqs},
            {"queues", json_or_null(device.queues)}};
}

Json to_json(const Irq& irq) {
    return {{"irq", irq.irq},
            {"name", irq.name},
            {"cpus", irq.cpus.list()},
            {"effective_cpus", irq.effective_cpus ? Json(irq.effective_cpus->list()) : Json(nullptr)},
            {"managed", json_or_null(irq.managed)}};
}

Json to_json(const Finding& finding) {
    return {{"id", finding.id},
            {"severity", word_of(kSeverities, finding.severity)},
            {"message", finding.message},
            {"hint", finding.hint},
            {"sources", finding.sources}};
}

Json to_json(const Provenance& row) { return {{"fact", row.fact}, {"source", row.source}}; }

Json to_json(const SchedulingLevel& level) {
    Json groups = Json::array();
    for (const SchedulingGroup& group : level.groups) {
        Json cpus = Json::array();
        for (const CpuSet& set : group.cpus) cpus.push_back(set.list());
        groups.push_back({{"shape", group.shape}, {"count", group.count}, {"cpus", std::move(cpus)}});
    }
    return {{"level", level.name}, {"groups", std::move(groups)}};
}

Json to_json(const Distances& distances) {
    Json nodes = Json::array();
    for (NodeId node : distances.nodes) nodes.push_back(node.value);
    return {{"nodes", std::move(nodes)}, {"matrix", distances.matrix}};
}

Json to_json(const HostFacts& host) {
    return {{"kernel", json_or_null(host.kernel)},
            {"model", json_or_null(host.model)},
            {"arch", json_or_null(host.arch)},
            {"cmdline", json_or_null(host.cmdline)},
            {"hypervisor", json_or_null(host.hypervisor)},
            {"memory_bytes", json_or_null(host.memory_bytes)},
            {"possible", host.possible.list()},
            {"online", host.online.list()},
            {"cgroup_cpus", host.cgroup_cpus ? Json(host.cgroup_cpus->list()) : Json(nullptr)},
            {"cpu_quota", json_or_null(host.cpu_quota)},
            {"isolated", host.isolated.list()},
            {"nohz_full", host.nohz_full.list()},
            {"limits",
             {{"nofile", json_or_null(host.limits.nofile)},
              {"nofile_hard", json_or_null(host.limits.nofile_hard)},
              {"memlock_bytes", json_or_null(host.limits.memlock_bytes)},
              {"threads_max", json_or_null(host.limits.threads_max)},
              {"io_uring_disabled", json_or_null(host.limits.io_uring_disabled)}}},
            {"source", host.source}};
}

template <class T>
Json list_to_json(const std::vector<T>& values) {
    Json list = Json::array();
    for (const T& value : values) list.push_back(to_json(value));
    return list;
}

}  // namespace

std::string machine_json(const Machine& machine) {
    return dump_lines({{"schema", "torque.machine/1"},
                       {"fingerprint", machine.fingerprint},
                       {"host", to_json(machine.host)},
                       {"packages", list_to_json(machine.packages)},
                       {"dies", list_to_json(machine.dies)},
                       {"clusters", list_to_json(machine.clusters)},
                       {"types", list_to_json(machine.types)},
                       {"cores", list_to_json(machine.cores)},
                       {"cpus", list_to_json(machine.cpus)},
                       {"caches", list_to_json(machine.caches)},
                       {"tlbs", list_to_json(machine.tlbs)},
                       {"nodes", list_to_json(machine.nodes)},
                       {"distances", machine.distances ? to_json(*machine.distances) : Json(nullptr)},
                       {"devices", list_to_json(machine.devices)},
                       {"irqs", list_to_json(machine.irqs)},
                       {"groups", list_to_json(machine.groups)},
                       {"findings", list_to_json(machine.findings)},
                       {"provenance", list_to_json(machine.provenance)}});
}

}  // namespace torque
