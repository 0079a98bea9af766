#include "torque/json.h"

#include <algorithm>
#include <limits>

#include "base/format.h"
#include "base/parse.h"
#include "layout/json.h"

namespace torque {
namespace {

constexpr std::string_view kSchema = "torque.machine/1";

// As machine_json.cc writes them.
constexpr std::string_view kClasses[] = {"performance", "efficiency", "low-power", "uniform"};
constexpr std::string_view kCacheTypes[] = {"data", "instruction", "unified"};
constexpr std::string_view kTlbTypes[] = {"data", "instruction", "unified", "load", "store"};
constexpr std::string_view kMemoryKinds[] = {"dram", "hbm", "cxl", "gpu"};
constexpr std::string_view kSeverities[] = {"info", "warning", "problem"};

// Parsing keeps every value in memory, and a value takes one byte of text and thirty of memory: what has more
// of them than any machine is not parsed. 1,024 nodes with their distances have a million, 4,096 CPUs
// 200,000.
constexpr std::ptrdiff_t kValuesMax = 4'000'000;

bool has_too_many_values(std::string_view text) {
    return std::count_if(text.begin(), text.end(), [](char c) { return c == ',' || c == '[' || c == '{'; }) >
           kValuesMax;
}

template <class T, class Read>
void take(const JsonReader& at, std::optional<T>& value, Read read) {
    if (!at.is_null()) value = read(at);
}
void take(const JsonReader& at, std::optional<int>& value) {
    take(at, value, [](const JsonReader& r) { return r.integer(std::numeric_limits<int>::min()); });
}
void take(const JsonReader& at, std::optional<std::uint32_t>& value) {
    take(at, value,
         [](const JsonReader& r) { return static_cast<std::uint32_t>(r.unsigned_integer(UINT32_MAX)); });
}
void take(const JsonReader& at, std::optional<std::uint64_t>& value) {
    take(at, value, [](const JsonReader& r) { return r.unsigned_integer(); });
}
void take(const JsonReader& at, std::optional<std::string>& value) {
    take(at, value, [](const JsonReader& r) { return r.text(); });
}
void take(const JsonReader& at, std::optional<bool>& value) {
    take(at, value, [](const JsonReader& r) { return r.boolean(); });
}
void take(const JsonReader& at, std::optional<double>& value) {
    take(at, value, [](const JsonReader& r) { return r.number(); });
}
void take(const JsonReader& at, std::optional<CpuSet>& value) {
    take(at, value, [](const JsonReader& r) { return r.cpus(); });
}
template <class Kind>
void take(const JsonReader& at, std::optional<Id<Kind>>& value) {
    take(at, value, [](const JsonReader& r) { return Id<Kind>{r.integer()}; });
}
void take(const JsonReader& at, bool& value) {
    if (!at.is_null()) value = at.boolean();
}
void take(const JsonReader& at, std::string& value) {
    if (!at.is_null()) value = at.text();
}
void take(const JsonReader& at, CpuSet& value) {
    if (!at.is_null()) value = at.cpus();
}
void take(const JsonReader& at, std::vector<std::string>& values) {
    if (at.is_null()) return;
    for (const JsonReader& element : at.elements()) values.push_back(element.text());
}
void take(const JsonReader& at, std::vector<int>& values) {
    if (at.is_null()) return;
    for (const JsonReader& element : at.elements()) values.push_back(element.integer());
}
void take(const JsonReader& at, std::vector<CpuSet>& values) {
    if (at.is_null()) return;
    for (const JsonReader& element : at.elements()) values.push_back(element.cpus());
}
template <class Enum, std::size_t N>
void take(const JsonReader& at, const std::string_view (&words)[N], Enum& value) {
    value = static_cast<Enum>(at.word(words));
}

void read(const JsonReader& at, Cpu& cpu) {
    cpu.id = CpuId{at["id"].integer(0, CpuSet::kMaxCpu)};
    take(at.optional("apic_id"), cpu.apic_id);
    take(at.optional("core"), cpu.core);
    take(at.optional("smt"), cpu.smt);
    take(at.optional("package"), cpu.package);
    take(at.optional("die"), cpu.die);
    take(at.optional("cluster"), cpu.cluster);
    take(at.optional("node"), cpu.node);
    take(at.optional("type"), cpu.type);
    take(at.optional("online"), cpu.online);
    take(at.optional("allowed"), cpu.allowed);
    take(at.optional("isolated"), cpu.isolated);
    take(at.optional("nohz_full"), cpu.nohz_full);
    take(at.optional("capacity"), cpu.capacity);
    take(at.optional("max_khz"), cpu.max_khz);
}

void read(const JsonReader& at, Core& core) {
    core.id = CoreId{at["id"].integer()};
    take(at.optional("core_id"), core.core_id);
    take(at.optional("package"), core.package);
    take(at.optional("die"), core.die);
    take(at.optional("type"), core.type);
    core.cpus = at["cpus"].cpus();
}

void read(const JsonReader& at, Package& package) {
    package.id = PackageId{at["id"].integer()};
    package.cpus = at["cpus"].cpus();
}

void read(const JsonReader& at, Die& die) {
    die.id = DieId{at["id"].integer()};
    take(at.optional("package"), die.package);
    die.cpus = at["cpus"].cpus();
}

void read(const JsonReader& at, Cluster& cluster) {
    cluster.id = ClusterId{at["id"].integer()};
    take(at.optional("package"), cluster.package);
    cluster.cpus = at["cpus"].cpus();
}

void read(const JsonReader& at, CoreType& type) {
    type.id = TypeId{at["id"].integer()};
    take(at["class"], kClasses, type.core_class);
    take(at.optional("vendor"), type.vendor);
    take(at.optional("brand"), type.brand);
    take(at.optional("codename"), type.codename);
    take(at.optional("family"), type.family);
    take(at.optional("model"), type.model);
    take(at.optional("stepping"), type.stepping);
    type.cpus = at["cpus"].cpus();
    take(at.optional("threads_per_core"), type.threads_per_core);
    take(at.optional("features"), type.features);
}

void read(const JsonReader& at, Cache& cache) {
    cache.level = at["level"].integer(1, 9);
    take(at["type"], kCacheTypes, cache.type);
    take(at.optional("size_bytes"), cache.size_bytes);
    take(at.optional("line_bytes"), cache.line_bytes);
    take(at.optional("ways"), cache.ways);
    take(at.optional("sets"), cache.sets);
    take(at.optional("partitions"), cache.partitions);
    take(at.optional("inclusive"), cache.inclusive);
    cache.cpus = at["cpus"].cpus();
}

void read(const JsonReader& at, Tlb& tlb) {
    tlb.level = at["level"].integer(1, 9);
    take(at["type"], kTlbTypes, tlb.type);
    take(at.optional("page_sizes"), tlb.page_sizes);
    take(at.optional("entries"), tlb.entries);
    tlb.fully_associative = at.optional("ways").is("full");
    if (!tlb.fully_associative) take(at.optional("ways"), tlb.ways);
    tlb.cpus = at["cpus"].cpus();
}

void read(const JsonReader& at, HugePages& pages) {
    pages.page_bytes = at["page_bytes"].unsigned_integer();
    pages.total = at["total"].unsigned_integer();
    pages.free = at["free"].unsigned_integer();
}

void read(const JsonReader& at, MemorySideCache& cache) {
    cache.level = at["level"].integer();
    take(at.optional("size_bytes"), cache.size_bytes);
    take(at.optional("line_bytes"), cache.line_bytes);
    take(at.optional("direct_mapped"), cache.direct_mapped);
    take(at.optional("write_back"), cache.write_back);
}

void read(const JsonReader& at, MemoryAttributes& attributes) {
    attributes.node = NodeId{at["node"].integer()};
    attributes.access_class = at["access_class"].integer();
    for (const JsonReader& node : at["initiators"].elements())
        attributes.initiators.push_back(NodeId{node.integer()});
    take(at.optional("read_bytes_per_s"), attributes.read_bytes_per_s);
    take(at.optional("write_bytes_per_s"), attributes.write_bytes_per_s);
    take(at.optional("read_latency_ns"), attributes.read_latency_ns);
    take(at.optional("write_latency_ns"), attributes.write_latency_ns);
}

void read(const JsonReader& at, Irq& irq) {
    irq.irq = at["irq"].integer();
    take(at.optional("name"), irq.name);
    take(at.optional("cpus"), irq.cpus);
    take(at.optional("effective_cpus"), irq.effective_cpus);
    take(at.optional("managed"), irq.managed);
}

void read(const JsonReader& at, Device& device) {
    take(at.optional("address"), device.address);
    take(at["class"], device.kind);
    take(at.optional("name"), device.name);
    take(at.optional("vendor"), device.vendor);
    take(at.optional("model"), device.model);
    take(at.optional("node"), device.node);
    take(at.optional("cpus"), device.cpus);
    take(at.optional("irqs"), device.irqs);
    take(at.optional("queues"), device.queues);
    take(at.optional("driver"), device.driver);
    take(at.optional("state"), device.state);
    take(at.optional("speed_mbps"), device.speed_mbps);
    take(at.optional("duplex"), device.duplex);
    take(at.optional("tx_queues"), device.tx_queues);
    take(at.optional("rps_cpus"), device.rps_cpus);
    take(at.optional("rps_queues"), device.rps_queues);
    take(at.optional("xps_queues"), device.xps_queues);
    take(at.optional("memory_bytes"), device.memory_bytes);
}

void read(const JsonReader& at, Finding& finding) {
    finding.id = at["id"].text();
    take(at["severity"], kSeverities, finding.severity);
    take(at.optional("message"), finding.message);
    take(at.optional("hint"), finding.hint);
    take(at.optional("sources"), finding.sources);
}

void read(const JsonReader& at, Provenance& row) {
    row.fact = at["fact"].text();
    row.source = at["source"].text();
}

void read(const JsonReader& at, Node& node);

template <class T>
void take_list(const JsonReader& at, std::vector<T>& values) {
    if (at.is_null()) return;
    for (const JsonReader& element : at.elements()) read(element, values.emplace_back());
}

void read(const JsonReader& at, Node& node) {
    node.id = NodeId{at["id"].integer()};
    take(at.optional("cpus"), node.cpus);
    take(at.optional("memory_bytes"), node.memory_bytes);
    take_list(at.optional("hugepages"), node.hugepages);
    take_list(at.optional("memory_side_caches"), node.memory_side_caches);
    const JsonReader kind = at.optional("memory_kind");
    if (!kind.is_null()) take(kind, kMemoryKinds, node.memory_kind.emplace());
}

void read(const JsonReader& at, HostFacts& host) {
    take(at.optional("kernel"), host.kernel);
    take(at.optional("model"), host.model);
    take(at.optional("arch"), host.arch);
    take(at.optional("cmdline"), host.cmdline);
    take(at.optional("hypervisor"), host.hypervisor);
    take(at.optional("memory_bytes"), host.memory_bytes);
    take(at.optional("possible"), host.possible);
    take(at.optional("online"), host.online);
    take(at.optional("cgroup_cpus"), host.cgroup_cpus);
    take(at.optional("cpu_quota"), host.cpu_quota);
    take(at.optional("isolated"), host.isolated);
    take(at.optional("nohz_full"), host.nohz_full);
    const JsonReader limits = at.optional("limits");
    if (limits.is_null()) return;
    take(limits.optional("nofile"), host.limits.nofile);
    take(limits.optional("nofile_hard"), host.limits.nofile_hard);
    take(limits.optional("memlock_bytes"), host.limits.memlock_bytes);
    take(limits.optional("threads_max"), host.limits.threads_max);
    take(limits.optional("io_uring_disabled"), host.limits.io_uring_disabled);
}

void read_distances(const JsonReader& at, Machine& machine) {
    if (at.is_null()) return;
    Distances distances;
    for (const JsonReader& node : at["nodes"].elements()) distances.nodes.push_back(NodeId{node.integer()});
    for (const JsonReader& row : at["matrix"].elements()) take(row, distances.matrix.emplace_back());
    const std::size_t count = distances.nodes.size();
    const bool is_square = distances.matrix.size() == count &&
                           std::all_of(distances.matrix.begin(), distances.matrix.end(),
                                       [&](const std::vector<int>& row) { return row.size() == count; });
    if (!is_square) at.complain("the matrix does not have a row and a column for each node");
    machine.distances = std::move(distances);
}

// That every list with ids is in their order, without repeats, and dense where it must be.
template <class T>
void check_ids(const std::vector<T>& things, const JsonReader& at, bool dense) {
    for (std::size_t i = 0; i < things.size(); ++i) {
        const int id = things[i].id.value;
        const bool fits = dense ? id == static_cast<int>(i) : i == 0 || things[i - 1].id < things[i].id;
        if (!fits) return at.complain(dense ? "the ids are not 0, 1, 2 and so on" : "the ids do not ascend");
    }
}

template <class T, class Kind>
bool names_one(const std::vector<T>& things, const std::optional<Id<Kind>>& id) {
    if (!id) return true;
    const auto at =
        std::lower_bound(things.begin(), things.end(), *id, [](const T& a, Id<Kind> b) { return a.id < b; });
    return at != things.end() && at->id == *id;
}

// Users of a Machine index its lists by these ids.
void check_references(const Machine& machine, const JsonReader& document) {
    CpuSet known;
    for (const Cpu& cpu : machine.cpus) {
        known.add(cpu.id);
        const bool fits = names_one(machine.cores, cpu.core) && names_one(machine.packages, cpu.package) &&
                          names_one(machine.dies, cpu.die) && names_one(machine.clusters, cpu.cluster) &&
                          names_one(machine.nodes, cpu.node) && names_one(machine.types, cpu.type);
        if (!fits)
            document["cpus"].complain(
                formatted("CPU {} is of a core, package, die, cluster, node or type that "
                          "is not in the document",
                          cpu.id.value));
    }
    for (const Core& core : machine.cores) {
        const bool fits = names_one(machine.packages, core.package) && names_one(machine.dies, core.die) &&
                          names_one(machine.types, core.type) && !core.cpus.empty();
        if (!fits)
            document["cores"].complain(
                formatted("core {} is of a package, die or type that is not in the "
                          "document, or has no CPU",
                          core.id.value));
    }
    const auto check = [&](const char* list, const CpuSet& cpus) {
        if (!known.contains(cpus))
            document[list].complain("CPUs that are not in \"cpus\": " + (cpus - known).list());
    };
    for (const Core& core : machine.cores) check("cores", core.cpus);
    for (const Package& package : machine.packages) check("packages", package.cpus);
    for (const Die& die : machine.dies) check("dies", die.cpus);
    for (const Cluster& cluster : machine.clusters) check("clusters", cluster.cpus);
    for (const CoreType& type : machine.types) check("types", type.cpus);
    for (const Cache& cache : machine.caches) check("caches", cache.cpus);
    for (const Tlb& tlb : machine.tlbs) check("tlbs", tlb.cpus);
    for (const Node& node : machine.nodes) check("nodes", node.cpus);
    check("host", machine.host.online);
}

void check(const Machine& machine, const JsonReader& document) {
    if (machine.cpus.empty()) return document["cpus"].complain("there is no CPU in it");
    check_ids(machine.cpus, document.optional("cpus"), false);
    check_ids(machine.packages, document.optional("packages"), false);
    check_ids(machine.nodes, document.optional("nodes"), false);
    check_ids(machine.cores, document.optional("cores"), true);
    check_ids(machine.dies, document.optional("dies"), true);
    check_ids(machine.clusters, document.optional("clusters"), true);
    check_ids(machine.types, document.optional("types"), true);
    check_references(machine, document);
}

}  // namespace

Result<Machine> parse_machine(std::string_view text, const std::string& name) {
    if (has_too_many_values(text))
        return fail(formatted("the document has more than {} values", kValuesMax), name);
    const Result<Json> json = parse_document(text, name, kSchema);
    if (!json) return tl::unexpected<Error>(json.error());
    JsonReader::State state;
    const JsonReader document(*json, state);
    const std::optional<JsonReader::Fault>& fault = state.fault;
    Machine machine;
    take(document.optional("fingerprint"), machine.fingerprint);
    read(document["host"], machine.host);
    take_list(document.optional("packages"), machine.packages);
    take_list(document.optional("dies"), machine.dies);
    take_list(document.optional("clusters"), machine.clusters);
    take_list(document.optional("types"), machine.types);
    take_list(document.optional("cores"), machine.cores);
    take_list(document["cpus"], machine.cpus);
    take_list(document.optional("caches"), machine.caches);
    take_list(document.optional("tlbs"), machine.tlbs);
    take_list(document.optional("nodes"), machine.nodes);
    read_distances(document.optional("distances"), machine);
    take_list(document.optional("memory_attributes"), machine.memory_attributes);
    take_list(document.optional("devices"), machine.devices);
    take_list(document.optional("irqs"), machine.irqs);
    take_list(document.optional("findings"), machine.findings);
    take_list(document.optional("provenance"), machine.provenance);
    if (!fault) check(machine, document);
    if (fault) {
        return fail(fault->what, name + ": " + fault->pointer,
                    fault->hint.empty() ? manual_hint(kSchema) : fault->hint);
    }
    machine.host.source = name;
    return machine;
}

}  // namespace torque
