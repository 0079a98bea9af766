#include "render/facts.h"

#include <algorithm>

#include "render/compact.h"
#include "render/names.h"

namespace torque {
namespace {

const Glyphs& unicode() {
    return glyphs({});
}

// Whole, as facts are for reading and copying.
std::string whole(const CpuSet& set) {
    return set.empty() ? "none" : set.list();
}

std::string cache_facts(const Cache& cache) {
    std::string out = cache.size_bytes ? size_text(*cache.size_bytes) : "size unknown";
    if (cache.ways) out += ", " + count_text(*cache.ways, "way");
    if (cache.sets) out += ", " + std::to_string(*cache.sets) + " sets";
    if (cache.line_bytes) out += ", lines of " + std::to_string(*cache.line_bytes) + " B";
    if (cache.inclusive) out += *cache.inclusive ? ", inclusive" : ", not inclusive";
    return out + ", CPUs " + whole(cache.cpus);
}

std::string hugepages_text(const Node& node) {
    std::string out;
    for (const HugePages& pages : node.hugepages) {
        out += (out.empty() ? "" : ", ") + std::to_string(pages.total) + " of " +
               size_text(pages.page_bytes) + " (" + std::to_string(pages.free) + " free)";
    }
    return out;
}

std::string rate_text(const MemoryAttributes& row) {
    std::string out;
    const auto add = [&](const std::string& words) { out += (out.empty() ? "" : ", ") + words; };
    if (row.read_bytes_per_s) add("read " + size_text(*row.read_bytes_per_s) + "/s");
    if (row.write_bytes_per_s) add("write " + size_text(*row.write_bytes_per_s) + "/s");
    if (row.read_latency_ns) add("read after " + std::to_string(*row.read_latency_ns) + " ns");
    if (row.write_latency_ns) add("write after " + std::to_string(*row.write_latency_ns) + " ns");
    return out;
}

void add_node(const Node& node, const Machine& machine, std::vector<Fact>& out) {
    const std::string name = "node " + std::to_string(node.id.value);
    if (node.memory_bytes) {
        out.push_back(
            {name + " memory", *node.memory_bytes == 0 ? "none" : size_text(*node.memory_bytes), "nodes"});
    }
    out.push_back({name + " CPUs", whole(node.cpus), "nodes"});
    if (node.memory_kind && *node.memory_kind != MemoryKind::dram)
        out.push_back({name + " kind", memory_name(*node.memory_kind), "nodes.memory_kind"});
    const std::string pages = hugepages_text(node);
    if (!pages.empty()) out.push_back({name + " huge pages", pages, "nodes"});
    for (const MemoryAttributes& row : machine.memory_attributes) {
        if (row.node == node.id)
            out.push_back({name + " firmware promises", rate_text(row), "memory_attributes"});
    }
}

}  // namespace

FactBook::FactBook(const Machine& machine, const Picture& picture)
    : machine_(machine), picture_(picture), types_(type_names(machine)) {
    for (const Cpu& cpu : machine.cpus) cpus_[cpu.id.value] = &cpu;
    for (const Cache& cache : machine.caches) {
        for (int cpu : cache.cpus) caches_[cpu].push_back(&cache);
    }
}

void FactBook::add_caches(const std::vector<const Cache*>& caches, std::vector<Fact>& out) const {
    for (const Cache* cache : caches) out.push_back({cache_name(*cache), cache_facts(*cache), "caches"});
}

std::vector<Fact> FactBook::of_cpu(int id) const {
    std::vector<Fact> out;
    const auto found = cpus_.find(id);
    if (found == cpus_.end()) return out;
    const Cpu& cpu = *found->second;
    const CpuRole& role = picture_.roles.at(id);
    out.push_back({"state", cpu.online ? "online" : "offline", "cpus.online"});
    for (int worker : role.workers) out.push_back({"plan", "worker " + std::to_string(worker), ""});
    if (picture_.has_plan && role.workers.empty())
        out.push_back(
            {"plan", std::string(role_row(role.planned).name) + ": " + role_row(role.planned).what, ""});
    const auto number = [&](const char* name, const auto& given, const char* source) {
        if (given) out.push_back({name, std::to_string(given->value), source});
    };
    number("package", cpu.package, "packages");
    number("die", cpu.die, "dies");
    number("cluster", cpu.cluster, "clusters");
    number("node", cpu.node, "nodes");
    if (cpu.core) {
        out.push_back({"core", std::to_string(cpu.core->value), "cores"});
        const std::string smt = cpu.smt ? std::to_string(*cpu.smt) : "";
        if (!smt.empty()) out.push_back({"thread of the core", smt, "cores"});
    }
    if (cpu.type) out.push_back({"kind of core", type_name(types_, cpu.type).text, "types"});
    if (cpu.apic_id) out.push_back({"APIC id", std::to_string(*cpu.apic_id), "cpus.apic_id"});
    if (cpu.max_khz) out.push_back({"up to", frequency_text(*cpu.max_khz), "cpus.max_khz"});
    if (cpu.capacity)
        out.push_back({"capacity", std::to_string(*cpu.capacity) + " of 1024", "cpus.capacity"});
    if (role.now == Role::isolated) out.push_back({"isolated", "yes", "cpus.isolated"});
    if (cpu.nohz_full || machine_.host.nohz_full.contains(id))
        out.push_back({"nohz_full", "yes", "cpus.nohz_full"});
    if (cpu.online && !cpu.allowed)
        out.push_back({"allowed", "no: outside of this cgroup's CPUs", "cpus.allowed"});
    const auto caches = caches_.find(id);
    if (caches != caches_.end()) add_caches(caches->second, out);
    return out;
}

std::vector<Fact> FactBook::of(const Box& box) const {
    if (box.kind == BoxKind::cpu) return of_cpu(box.cpus.first());
    std::vector<Fact> out;
    if (box.kind == BoxKind::memory || !box.cpus.empty())
        out.push_back({"CPUs", whole(box.cpus), "cpus.online"});
    if (box.thing != nullptr && box.thing->core != nullptr) {
        const Core& core = *box.thing->core;
        if (core.type) out.push_back({"kind", type_name(types_, core.type).text, "types"});
        if (core.core_id) out.push_back({"the kernel's core_id", std::to_string(*core.core_id), "cores"});
        if (core.package) out.push_back({"package", std::to_string(core.package->value), "packages"});
    }
    for (const Node* node : box.nodes) add_node(*node, machine_, out);
    if (box.thing != nullptr) add_caches(box.thing->caches, out);
    return out;
}

std::vector<Fact> FactBook::of(const Device& device) const {
    std::vector<Fact> out;
    const auto add = [&](const char* name, std::string value, const char* source = "devices") {
        if (!value.empty()) out.push_back({name, std::move(value), source});
    };
    add("kind", clean(device.kind));
    add("PCI address", clean(device.address));
    add("vendor", clean(device.vendor.value_or("")));
    add("model", clean(device.model.value_or("")));
    add("driver", clean(device.driver.value_or("")));
    add("node", device.node ? std::to_string(device.node->value) : "not known");
    add("near CPUs", whole(device.cpus));
    if (device.state) add("link", clean(*device.state));
    if (device.speed_mbps) add("speed", std::to_string(*device.speed_mbps) + " Mb/s");
    if (device.queues) add("queues", std::to_string(*device.queues));
    if (device.memory_bytes) add("memory", size_text(*device.memory_bytes), "devices.memory_bytes");
    Numbers irqs(device.irqs.begin(), device.irqs.end());
    std::sort(irqs.begin(), irqs.end());
    add("interrupts", list_text(irqs, unicode(), 60), "irqs");
    return out;
}

std::string FactBook::name_of(const Box& box) const {
    std::string out;
    if (box.kind == BoxKind::cpu) {
        const int id = box.cpus.first();
        out = "CPU " + std::to_string(id);
        const auto found = cpus_.find(id);
        if (found == cpus_.end()) return out;
        if (found->second->core)
            out += ", " + type_name(types_, found->second->type).text + " " +
                   std::to_string(found->second->core->value);
        const Role now = picture_.roles.at(id).now;
        if (now != Role::ordinary) out += std::string(", ") + role_row(now).name;
        return out;
    }
    for (const Span& title : box.titles) out += (out.empty() ? "" : ", ") + title.text;
    if (box.kind == BoxKind::machine) out = "machine";
    if (!box.cpus.empty())
        out += (box.cpus.count() == 1 ? ", CPU " : ", CPUs ") + list_text(box.cpus, unicode());
    return out;
}

std::string source_text(const Machine& machine, const std::string& fact) {
    // A part's source is that of the whole where it has none of its own: "cpus.apic_id", "cpus".
    const std::string whole_fact = fact.substr(0, fact.find('.'));
    for (const std::string& wanted : {fact, whole_fact, std::string("everything")}) {
        std::string out;
        for (const Provenance& row : machine.provenance) {
            if (row.fact == wanted) out += (out.empty() ? "" : "; ") + clean(row.source);
        }
        if (!out.empty()) return out;
    }
    return {};
}

}  // namespace torque
