#include "torque/diff.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

namespace torque {
namespace {

using Text = std::optional<std::string>;

constexpr std::size_t kFoldAbove = 4;  // more unlike pairs of one fact than this are told in one line

Text text_of(const CpuSet& set) {
    return set.empty() ? Text("none") : Text(set.list());
}
Text text_of(const std::optional<CpuSet>& set) {
    return set ? text_of(*set) : std::nullopt;
}
Text text_of(bool value) {
    return value ? "yes" : "no";
}
template <class Number>
requires std::is_arithmetic_v<Number> Text text_of(const std::optional<Number>& value) {
    if (!value) return std::nullopt;
    std::string text = std::to_string(*value);
    if constexpr (std::is_floating_point_v<Number>) text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return text;
}
template <class Kind>
Text text_of(const std::optional<Id<Kind>>& id) {
    return id ? Text(std::to_string(id->value)) : std::nullopt;
}

// The largest unit that the size is a whole number of: "48 KiB".
std::string size_text(std::uint64_t bytes) {
    static constexpr std::pair<int, const char*> kUnits[] = {
        {40, " TiB"}, {30, " GiB"}, {20, " MiB"}, {10, " KiB"}};
    for (const auto& [shift, unit] : kUnits) {
        if (bytes != 0 && bytes % (std::uint64_t{1} << shift) == 0)
            return std::to_string(bytes >> shift) + unit;
    }
    return std::to_string(bytes) + " bytes";
}
Text size_text(const std::optional<std::uint64_t>& bytes) {
    return bytes ? Text(size_text(*bytes)) : std::nullopt;
}

class Differences {
  public:
    void in(const char* section) { section_ = section; }
    void add(std::string what, Text a, Text b) {
        if (a != b) list_.push_back({section_, std::move(what), std::move(a), std::move(b)});
    }
    std::vector<Difference> take() { return std::move(list_); }

  private:
    std::string section_;
    std::vector<Difference> list_;
};

void diff_host(const HostFacts& a, const HostFacts& b, Differences& out) {
    out.in("host");
    out.add("model", a.model, b.model);
    out.add("architecture", a.arch, b.arch);
    out.add("kernel", a.kernel, b.kernel);
    out.add("boot line", a.cmdline, b.cmdline);
    out.add("hypervisor", a.hypervisor, b.hypervisor);
    out.add("memory", size_text(a.memory_bytes), size_text(b.memory_bytes));
    out.add("possible CPUs", text_of(a.possible), text_of(b.possible));
    out.add("online CPUs", text_of(a.online), text_of(b.online));
    out.add("CPUs of the control group", text_of(a.cgroup_cpus), text_of(b.cgroup_cpus));
    out.add("CPU quota", text_of(a.cpu_quota), text_of(b.cpu_quota));
    out.add("isolated CPUs", text_of(a.isolated), text_of(b.isolated));
    out.add("nohz_full CPUs", text_of(a.nohz_full), text_of(b.nohz_full));
    out.add("limit of open files", text_of(a.limits.nofile), text_of(b.limits.nofile));
    out.add("hard limit of open files", text_of(a.limits.nofile_hard), text_of(b.limits.nofile_hard));
    out.add("limit of locked memory", size_text(a.limits.memlock_bytes), size_text(b.limits.memlock_bytes));
    out.add("limit of threads", text_of(a.limits.threads_max), text_of(b.limits.threads_max));
    out.add("io_uring_disabled", text_of(a.limits.io_uring_disabled), text_of(b.limits.io_uring_disabled));
}

const char* class_text(CoreClass core_class) {
    static constexpr const char* kWords[] = {"performance", "efficiency", "low-power", "uniform"};
    return kWords[static_cast<std::size_t>(core_class)];
}

// Features that the first machine's type has and the other's has not.
Text features_beyond(const CoreType& type, const CoreType& other) {
    const std::set<std::string> known(other.features.begin(), other.features.end());
    std::string text;
    for (const std::string& feature : type.features) {
        if (!known.contains(feature)) text += (text.empty() ? "" : " ") + feature;
    }
    return text.empty() ? std::nullopt : Text(text);
}

void diff_types(const Machine& a, const Machine& b, Differences& out) {
    out.in("types");
    for (std::size_t i = 0; i < std::max(a.types.size(), b.types.size()); ++i) {
        const std::string name = "type " + std::to_string(i);
        if (i >= a.types.size() || i >= b.types.size()) {
            const auto of = [&](const Machine& machine) -> Text {
                if (i >= machine.types.size()) return std::nullopt;
                return std::string(class_text(machine.types[i].core_class)) + ", CPUs " +
                       machine.types[i].cpus.list();
            };
            out.add(name, of(a), of(b));
            continue;
        }
        const CoreType &x = a.types[i], &y = b.types[i];
        out.add(name + ": class", class_text(x.core_class), class_text(y.core_class));
        out.add(name + ": vendor", x.vendor, y.vendor);
        out.add(name + ": brand", x.brand, y.brand);
        out.add(name + ": code name", x.codename, y.codename);
        out.add(name + ": family", text_of(x.family), text_of(y.family));
        out.add(name + ": model", text_of(x.model), text_of(y.model));
        out.add(name + ": stepping", text_of(x.stepping), text_of(y.stepping));
        out.add(name + ": CPUs", text_of(x.cpus), text_of(y.cpus));
        out.add(name + ": threads per core", text_of(x.threads_per_core), text_of(y.threads_per_core));
        // Not known is no difference: a document of another program has no features.
        if (x.features.empty() || y.features.empty()) continue;
        out.add(name + ": features only here", features_beyond(x, y), features_beyond(y, x));
    }
}

void diff_counts(const Machine& a, const Machine& b, Differences& out) {
    out.in("cores");
    const auto count = [](std::size_t n) -> Text { return std::to_string(n); };
    out.add("packages", count(a.packages.size()), count(b.packages.size()));
    out.add("dies", count(a.dies.size()), count(b.dies.size()));
    out.add("clusters", count(a.clusters.size()), count(b.clusters.size()));
    out.add("cores", count(a.cores.size()), count(b.cores.size()));
}

// What a CPU of a machine says of one fact.
using CpuFact = std::function<Text(const Machine&, const Cpu&)>;

template <class Member>
CpuFact fact(Member Cpu::*member) {
    return [member](const Machine&, const Cpu& cpu) { return text_of(cpu.*member); };
}

// CPUs that both machines have, by what the two say: {a, b} → CPUs.
using Pairs = std::map<std::pair<Text, Text>, CpuSet>;

void add_pairs(const char* what, const Pairs& pairs, Differences& out) {
    if (pairs.size() <= kFoldAbove) {
        for (const auto& [texts, cpus] : pairs)
            out.add("CPUs " + cpus.list() + ": " + what, texts.first, texts.second);
        return;
    }
    // The first pair stands for them all.
    CpuSet all;
    for (const auto& entry : pairs) all |= entry.second;
    const auto first = std::min_element(pairs.begin(), pairs.end(),
                                        [](const auto& x, const auto& y) { return x.second < y.second; });
    const auto more = [&](const Text& text) { return text ? Text(*text + ", and so on") : text; };
    out.add("CPUs " + all.list() + ": " + what, more(first->first.first), more(first->first.second));
}

void diff_cpus(const Machine& a, const Machine& b, Differences& out) {
    const std::pair<const char*, CpuFact> facts[] = {
        {"siblings",
         [](const Machine& machine, const Cpu& cpu) -> Text {
             const bool known = cpu.core && cpu.core->value < static_cast<int>(machine.cores.size());
             return known ? Text(machine.cores[static_cast<std::size_t>(cpu.core->value)].cpus.list())
                          : std::nullopt;
         }},
        {"package", fact(&Cpu::package)},
        {"die", fact(&Cpu::die)},
        {"cluster", fact(&Cpu::cluster)},
        {"node", fact(&Cpu::node)},
        {"type", fact(&Cpu::type)},
        {"online", fact(&Cpu::online)},
        {"allowed", fact(&Cpu::allowed)},
        {"isolated", fact(&Cpu::isolated)},
        {"nohz_full", fact(&Cpu::nohz_full)},
        {"capacity", fact(&Cpu::capacity)},
        {"highest kHz", fact(&Cpu::max_khz)},
        {"APIC id", fact(&Cpu::apic_id)},
    };
    out.in("cpus");
    std::map<CpuId, const Cpu*> of_b;
    for (const Cpu& cpu : b.cpus) of_b[cpu.id] = &cpu;
    CpuSet only_a, only_b;
    std::vector<std::pair<const Cpu*, const Cpu*>> both;
    for (const Cpu& cpu : b.cpus) only_b.add(cpu.id);
    for (const Cpu& cpu : a.cpus) {
        const auto other = of_b.find(cpu.id);
        if (other == of_b.end()) {
            only_a.add(cpu.id);
        } else {
            both.emplace_back(&cpu, other->second);
            only_b.remove(cpu.id.value);
        }
    }
    if (!only_a.empty() || !only_b.empty()) out.add("CPUs only here", text_of(only_a), text_of(only_b));
    for (const auto& [what, of] : facts) {
        Pairs pairs;
        for (const auto& [x, y] : both) {
            std::pair<Text, Text> texts(of(a, *x), of(b, *y));
            if (texts.first != texts.second) pairs[std::move(texts)].add(x->id);
        }
        add_pairs(what, pairs, out);
    }
}

// Things of one kind as text, like ones counted: "8 of 48 KiB, 12 ways; 8 of 32 KiB, 8 ways".
class Inventory {
  public:
    void add(const std::string& description, const CpuSet& cpus) {
        auto& row = rows_[description];
        ++row.count;
        row.cpus |= cpus;
        row.sets.insert(cpus);
    }
    // `other` is the same kind on the other machine: where both are alike but for the CPUs, those are told.
    Text text(const Inventory& other) const {
        if (rows_.empty()) return std::nullopt;
        const bool with_cpus = alike(other);
        std::string text;
        for (const auto& [description, row] : rows_) {
            if (with_cpus && other.rows_.at(description).sets == row.sets) continue;
            text += (text.empty() ? "" : "; ") + std::to_string(row.count) + " of " + description;
            if (with_cpus)
                text +=
                    " on CPUs " + row.cpus.list() + ", each on " + row.sets.begin()->list() + " and so on";
        }
        return text;
    }

  private:
    struct Row {
        int count = 0;
        CpuSet cpus;
        std::set<CpuSet> sets;
    };
    bool alike(const Inventory& other) const {
        return std::equal(rows_.begin(), rows_.end(), other.rows_.begin(), other.rows_.end(),
                          [](const auto& x, const auto& y) {
                              return x.first == y.first && x.second.count == y.second.count;
                          });
    }

    std::map<std::string, Row> rows_;
};

using Inventories = std::map<std::tuple<int, int, std::string>, Inventory>;

void add_inventories(const Inventories& a, const Inventories& b, Differences& out) {
    static const Inventory kNone;
    std::set<std::tuple<int, int, std::string>> keys;
    for (const auto& entry : a) keys.insert(entry.first);
    for (const auto& entry : b) keys.insert(entry.first);
    for (const auto& key : keys) {
        const auto x = a.find(key), y = b.find(key);
        const Inventory& of_a = x != a.end() ? x->second : kNone;
        const Inventory& of_b = y != b.end() ? y->second : kNone;
        out.add(std::get<2>(key), of_a.text(of_b), of_b.text(of_a));
    }
}

template <class T>
void append(std::string& text, const std::optional<T>& value, const char* unit) {
    if (value) text += ", " + std::to_string(*value) + unit;
}

Inventories caches_of(const Machine& machine) {
    static constexpr const char* kTypes[] = {"data", "instruction", "unified"};
    Inventories out;
    for (const Cache& cache : machine.caches) {
        std::string text = size_text(cache.size_bytes).value_or("unknown size");
        append(text, cache.line_bytes, "-byte lines");
        append(text, cache.ways, " ways");
        append(text, cache.sets, " sets");
        append(text, cache.partitions, " partitions");
        if (cache.inclusive) text += *cache.inclusive ? ", inclusive" : ", not inclusive";
        const int cpus = cache.cpus.count();
        text += ", " + std::to_string(cpus) + (cpus == 1 ? " CPU each" : " CPUs each");
        const std::string name =
            "L" + std::to_string(cache.level) + " " + kTypes[static_cast<std::size_t>(cache.type)];
        out[{cache.level, static_cast<int>(cache.type), name}].add(text, cache.cpus);
    }
    return out;
}

Inventories tlbs_of(const Machine& machine) {
    static constexpr const char* kTypes[] = {"data", "instruction", "unified", "load", "store"};
    Inventories out;
    for (const Tlb& tlb : machine.tlbs) {
        std::string name =
            "L" + std::to_string(tlb.level) + " " + kTypes[static_cast<std::size_t>(tlb.type)] + " TLB for";
        for (const std::string& size : tlb.page_sizes)
            name += (&size == &tlb.page_sizes.front() ? " " : "/") + size;
        std::string text = tlb.entries ? std::to_string(*tlb.entries) + " entries" : "unknown size";
        if (tlb.fully_associative) text += ", full";
        append(text, tlb.ways, " ways");
        out[{tlb.level, static_cast<int>(tlb.type), name}].add(text, tlb.cpus);
    }
    return out;
}

Text kind_text(const std::optional<MemoryKind>& kind) {
    static constexpr const char* kWords[] = {"dram", "hbm", "cxl", "gpu"};
    return kind ? Text(kWords[static_cast<std::size_t>(*kind)]) : std::nullopt;
}

Text pages_text(const std::vector<HugePages>& hugepages) {
    std::string text;
    for (const HugePages& pages : hugepages) {
        if (pages.total == 0) continue;
        text +=
            (text.empty() ? "" : ", ") + std::to_string(pages.total) + " of " + size_text(pages.page_bytes);
    }
    return text.empty() ? std::nullopt : Text(text);
}

Text distances_text(const std::optional<Distances>& distances) {
    if (!distances) return std::nullopt;
    std::string text;
    for (const auto& row : distances->matrix) {
        if (!text.empty()) text += " |";
        for (const int value : row) text += (text.empty() ? "" : " ") + std::to_string(value);
    }
    return text;
}

// Calls visit(key, of a or null, of b or null) for each thing that either has.
template <class T, class KeyOf, class Visit>
void pair_up(const std::vector<T>& a, const std::vector<T>& b, KeyOf key_of, Visit visit) {
    std::map<decltype(key_of(a.front())), std::pair<const T*, const T*>> pairs;
    for (const T& thing : a) pairs[key_of(thing)].first = &thing;
    for (const T& thing : b) pairs[key_of(thing)].second = &thing;
    for (const auto& [key, pair] : pairs) visit(pair.first, pair.second);
}

Text memory_caches_text(const Node& node) {
    std::string text;
    for (const MemorySideCache& cache : node.memory_side_caches) {
        text += (text.empty() ? "L" : "; L") + std::to_string(cache.level) + " of " +
                size_text(cache.size_bytes).value_or("unknown size");
        append(text, cache.line_bytes, "-byte lines");
        if (cache.direct_mapped) text += *cache.direct_mapped ? ", direct mapped" : ", several ways";
        if (cache.write_back) text += *cache.write_back ? ", write back" : ", write through";
    }
    return text.empty() ? std::nullopt : Text(text);
}

// What firmware promises of the memory of each node, for each class of initiators.
void diff_attributes(const Machine& a, const Machine& b, Differences& out) {
    static constexpr struct {
        const char* what;
        std::optional<std::uint64_t> MemoryAttributes::*value;
        const char* unit;
    } kFacts[] = {
        {"read bandwidth", &MemoryAttributes::read_bytes_per_s, " bytes/s"},
        {"write bandwidth", &MemoryAttributes::write_bytes_per_s, " bytes/s"},
        {"read latency", &MemoryAttributes::read_latency_ns, " ns"},
        {"write latency", &MemoryAttributes::write_latency_ns, " ns"},
    };
    const auto key_of = [](const MemoryAttributes& one) { return std::pair(one.node, one.access_class); };
    pair_up(a.memory_attributes, b.memory_attributes, key_of,
            [&](const MemoryAttributes* x, const MemoryAttributes* y) {
                const MemoryAttributes& any = x != nullptr ? *x : *y;
                const std::string name = "node " + std::to_string(any.node.value) + ", class " +
                                         std::to_string(any.access_class) + ": ";
                const auto nodes = [](const MemoryAttributes* one) -> Text {
                    if (one == nullptr) return std::nullopt;
                    std::string text;
                    for (const NodeId node : one->initiators)
                        text += (text.empty() ? "" : ",") + std::to_string(node.value);
                    return text.empty() ? "none" : text;
                };
                out.add(name + "initiators", nodes(x), nodes(y));
                for (const auto& fact : kFacts) {
                    const auto of = [&](const MemoryAttributes* one) -> Text {
                        if (one == nullptr || !(one->*fact.value)) return std::nullopt;
                        return std::to_string(*(one->*fact.value)) + fact.unit;
                    };
                    out.add(name + fact.what, of(x), of(y));
                }
            });
}

void diff_nodes(const Machine& a, const Machine& b, Differences& out) {
    out.in("nodes");
    pair_up(
        a.nodes, b.nodes, [](const Node& node) { return node.id; },
        [&](const Node* x, const Node* y) {
            const std::string name = "node " + std::to_string((x != nullptr ? x : y)->id.value);
            if (x == nullptr || y == nullptr) {
                const auto of = [](const Node* node) -> Text {
                    if (node == nullptr) return std::nullopt;
                    return "CPUs " + *text_of(node->cpus) + ", " +
                           size_text(node->memory_bytes).value_or("memory unknown");
                };
                return out.add(name, of(x), of(y));
            }
            out.add(name + ": CPUs", text_of(x->cpus), text_of(y->cpus));
            out.add(name + ": memory", size_text(x->memory_bytes), size_text(y->memory_bytes));
            out.add(name + ": kind of memory", kind_text(x->memory_kind), kind_text(y->memory_kind));
            out.add(name + ": huge pages", pages_text(x->hugepages), pages_text(y->hugepages));
            out.add(name + ": memory-side caches", memory_caches_text(*x), memory_caches_text(*y));
        });
    diff_attributes(a, b, out);
    out.add("distances", distances_text(a.distances), distances_text(b.distances));
}

std::string device_text(const Device& device) {
    std::string text = device.kind;
    for (const auto& part : {device.vendor, device.model}) text += part ? ", " + *part : "";
    return text;
}

Text speed_text(const Device& device) {
    return device.speed_mbps ? Text(std::to_string(*device.speed_mbps) + " Mb/s") : std::nullopt;
}

// "0-3 | none | 8": the sets of queues, by number.
Text sets_text(const std::vector<CpuSet>& sets) {
    std::string text;
    for (const CpuSet& set : sets) text += (text.empty() ? "" : " | ") + *text_of(set);
    return sets.empty() ? std::nullopt : Text(text);
}

void diff_devices(const Machine& a, const Machine& b, Differences& out) {
    out.in("devices");
    const auto key_of = [](const Device& device) { return std::tie(device.address, device.name); };
    pair_up(a.devices, b.devices, key_of, [&](const Device* x, const Device* y) {
        const Device& any = x != nullptr ? *x : *y;
        const std::string name =
            any.address + (any.address.empty() || any.name.empty() ? "" : " ") + any.name;
        if (x == nullptr || y == nullptr) {
            const auto of = [](const Device* device) {
                return device != nullptr ? Text(device_text(*device)) : std::nullopt;
            };
            return out.add(name, of(x), of(y));
        }
        out.add(name, device_text(*x), device_text(*y));
        out.add(name + ": node", text_of(x->node), text_of(y->node));
        out.add(name + ": CPUs", text_of(x->cpus), text_of(y->cpus));
        out.add(name + ": queues", text_of(x->queues), text_of(y->queues));
        out.add(name + ": transmit queues", text_of(x->tx_queues), text_of(y->tx_queues));
        out.add(name + ": driver", x->driver, y->driver);
        out.add(name + ": state", x->state, y->state);
        out.add(name + ": speed", speed_text(*x), speed_text(*y));
        out.add(name + ": duplex", x->duplex, y->duplex);
        out.add(name + ": RPS of the queues", sets_text(x->rps_queues), sets_text(y->rps_queues));
        out.add(name + ": XPS of the queues", sets_text(x->xps_queues), sets_text(y->xps_queues));
        out.add(name + ": memory", size_text(x->memory_bytes), size_text(y->memory_bytes));
        out.add(name + ": interrupts", std::to_string(x->irqs.size()), std::to_string(y->irqs.size()));
    });
}

}  // namespace

std::vector<Difference> diff(const Machine& a, const Machine& b) {
    Differences out;
    diff_host(a.host, b.host, out);
    diff_types(a, b, out);
    diff_counts(a, b, out);
    diff_cpus(a, b, out);
    out.in("caches");
    add_inventories(caches_of(a), caches_of(b), out);
    out.in("tlbs");
    add_inventories(tlbs_of(a), tlbs_of(b), out);
    diff_nodes(a, b, out);
    diff_devices(a, b, out);
    return out.take();
}

}  // namespace torque
