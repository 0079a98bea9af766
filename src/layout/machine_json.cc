#include "torque/json.h"

#include "layout/groups_json.h"
#include "layout/json_text.h"

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

void write_cpu(JsonText& out, const Cpu& cpu) {
    out.begin_object().member("id", cpu.id).member("apic_id", cpu.apic_id).member("core", cpu.core);
    out.member("smt", cpu.smt).member("package", cpu.package).member("die", cpu.die);
    out.member("cluster", cpu.cluster).member("node", cpu.node).member("type", cpu.type);
    out.member("online", cpu.online).member("allowed", cpu.allowed).member("isolated", cpu.isolated);
    out.member("nohz_full", cpu.nohz_full)
        .member("capacity", cpu.capacity)
        .member("max_khz", cpu.max_khz)
        .end();
}

void write_core(JsonText& out, const Core& core) {
    out.begin_object().member("id", core.id).member("core_id", core.core_id).member("package", core.package);
    out.member("die", core.die).member("type", core.type).member("cpus", core.cpus).end();
}

void write_package(JsonText& out, const Package& package) {
    out.begin_object().member("id", package.id).member("cpus", package.cpus).end();
}

template <class DieOrCluster>
void write_part(JsonText& out, const DieOrCluster& part) {
    out.begin_object().member("id", part.id).member("package", part.package).member("cpus", part.cpus).end();
}

void write_type(JsonText& out, const CoreType& type) {
    out.begin_object().member("id", type.id).member("class", word_of(kClasses, type.core_class));
    out.member("vendor", type.vendor).member("brand", type.brand).member("codename", type.codename);
    out.member("family", type.family).member("model", type.model).member("stepping", type.stepping);
    out.member("cpus", type.cpus).member("threads_per_core", type.threads_per_core);
    out.member("features", type.features).end();
}

void write_cache(JsonText& out, const Cache& cache) {
    out.begin_object().member("level", cache.level).member("type", word_of(kCacheTypes, cache.type));
    out.member("size_bytes", cache.size_bytes)
        .member("line_bytes", cache.line_bytes)
        .member("ways", cache.ways);
    out.member("sets", cache.sets)
        .member("partitions", cache.partitions)
        .member("inclusive", cache.inclusive);
    out.member("cpus", cache.cpus).end();
}

void write_tlb(JsonText& out, const Tlb& tlb) {
    out.begin_object().member("level", tlb.level).member("type", word_of(kTlbTypes, tlb.type));
    out.member("page_sizes", tlb.page_sizes).member("entries", tlb.entries);
    tlb.fully_associative ? out.member("ways", "full") : out.member("ways", tlb.ways);
    out.member("cpus", tlb.cpus).end();
}

// The short lists of a node stand on its line.
void write_node(JsonText& out, const Node& node) {
    out.begin_object().member("id", node.id).member("cpus", node.cpus);
    out.member("memory_bytes", node.memory_bytes).key("hugepages").begin_list();
    for (const HugePages& pages : node.hugepages) {
        out.begin_object().member("page_bytes", pages.page_bytes).member("total", pages.total);
        out.member("free", pages.free).end();
    }
    out.end().key("memory_kind");
    node.memory_kind ? out.value(word_of(kMemoryKinds, *node.memory_kind)) : out.null();
    out.key("memory_side_caches").begin_list();
    for (const MemorySideCache& cache : node.memory_side_caches) {
        out.begin_object().member("level", cache.level).member("size_bytes", cache.size_bytes);
        out.member("line_bytes", cache.line_bytes).member("direct_mapped", cache.direct_mapped);
        out.member("write_back", cache.write_back).end();
    }
    out.end().end();
}

void write_attributes(JsonText& out, const MemoryAttributes& attributes) {
    out.begin_object().member("node", attributes.node).member("access_class", attributes.access_class);
    out.member("initiators", attributes.initiators).member("read_bytes_per_s", attributes.read_bytes_per_s);
    out.member("write_bytes_per_s", attributes.write_bytes_per_s);
    out.member("read_latency_ns", attributes.read_latency_ns);
    out.member("write_latency_ns", attributes.write_latency_ns).end();
}

void write_device(JsonText& out, const Device& device) {
    out.begin_object().member("address", unless_empty(device.address)).member("class", device.kind);
    out.member("name", unless_empty(device.name))
        .member("vendor", device.vendor)
        .member("model", device.model);
    out.member("node", device.node).member("cpus", device.cpus).member("irqs", device.irqs);
    out.member("queues", device.queues).member("driver", device.driver).member("state", device.state);
    out.member("speed_mbps", device.speed_mbps).member("duplex", device.duplex);
    out.member("tx_queues", device.tx_queues).member("rps_cpus", device.rps_cpus);
    out.member("rps_queues", device.rps_queues).member("xps_queues", device.xps_queues);
    out.member("memory_bytes", device.memory_bytes).end();
}

void write_irq(JsonText& out, const Irq& irq) {
    out.begin_object().member("irq", irq.irq).member("name", irq.name).member("cpus", irq.cpus);
    out.member("effective_cpus", irq.effective_cpus).member("managed", irq.managed).end();
}

void write_finding(JsonText& out, const Finding& finding) {
    out.begin_object().member("id", finding.id).member("severity", word_of(kSeverities, finding.severity));
    out.member("message", finding.message)
        .member("hint", finding.hint)
        .member("sources", finding.sources)
        .end();
}

void write_provenance(JsonText& out, const Provenance& row) {
    out.begin_object().member("fact", row.fact).member("source", row.source).end();
}

void write_distances(JsonText& out, const std::optional<Distances>& distances) {
    out.key("distances");
    if (!distances) {
        out.null();
        return;
    }
    out.begin_object(JsonText::Form::lines).member("nodes", distances->nodes);
    out.table("matrix", distances->matrix,
              [](JsonText& row, const std::vector<int>& line) { row.value(line); });
    out.end();
}

void write_host(JsonText& out, const HostFacts& host) {
    out.key("host").begin_object().member("kernel", host.kernel).member("model", host.model);
    out.member("arch", host.arch).member("cmdline", host.cmdline).member("hypervisor", host.hypervisor);
    out.member("memory_bytes", host.memory_bytes).member("possible", host.possible);
    out.member("online", host.online).member("cgroup_cpus", host.cgroup_cpus);
    out.member("cpu_quota", host.cpu_quota).member("isolated", host.isolated);
    out.member("nohz_full", host.nohz_full).key("limits").begin_object();
    out.member("nofile", host.limits.nofile).member("nofile_hard", host.limits.nofile_hard);
    out.member("memlock_bytes", host.limits.memlock_bytes).member("threads_max", host.limits.threads_max);
    out.member("io_uring_disabled", host.limits.io_uring_disabled).end();
    out.member("source", host.source).end();
}

}  // namespace

std::string machine_json(const Machine& machine) {
    JsonText out(20'000 + 500 * machine.cpus.size());
    out.begin_object(JsonText::Form::lines).member("schema", "torque.machine/1");
    out.member("fingerprint", machine.fingerprint);
    write_host(out, machine.host);
    out.table("packages", machine.packages, write_package);
    out.table("dies", machine.dies, write_part<Die>);
    out.table("clusters", machine.clusters, write_part<Cluster>);
    out.table("types", machine.types, write_type);
    out.table("cores", machine.cores, write_core);
    out.table("cpus", machine.cpus, write_cpu);
    out.table("caches", machine.caches, write_cache);
    out.table("tlbs", machine.tlbs, write_tlb);
    out.table("nodes", machine.nodes, write_node);
    write_distances(out, machine.distances);
    out.table("memory_attributes", machine.memory_attributes, write_attributes);
    out.table("devices", machine.devices, write_device);
    out.table("irqs", machine.irqs, write_irq);
    write_groups(out, machine.groups);
    out.table("findings", machine.findings, write_finding);
    out.table("provenance", machine.provenance, write_provenance);
    return out.end().take();
}

}  // namespace torque
