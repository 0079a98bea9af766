#include "render/table.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>

#include "base/parse.h"
#include "render/names.h"
#include "render/roles.h"

namespace torque {
namespace {

struct CacheKind {
    int level;
    CacheType type;
    auto operator<=>(const CacheKind&) const = default;
};

// What the entries of a row are taken from.
struct Subject {
    const Machine& machine;
    CpuRoles roles;
    std::vector<Span> types;
    std::map<std::pair<int, CacheKind>, int> caches;  // by CPU and kind: which of that kind, from 0
    std::map<int, std::string> devices;               // by node: names of those near to it
};

std::string no_spaces(std::string text) {
    std::replace(text.begin(), text.end(), ' ', '-');
    return text;
}

template <class Id>
std::string id_text(const std::optional<Id>& id) {
    return id ? std::to_string(id->value) : "";
}

template <class Number>
std::string number_text(const std::optional<Number>& number) {
    return number ? std::to_string(*number) : "";
}

std::string yes_no(bool value) {
    return value ? "yes" : "no";
}

template <int level, CacheType type>
std::string cache_text(const Subject& subject, const Cpu& cpu) {
    const auto found = subject.caches.find({cpu.id.value, {level, type}});
    return found == subject.caches.end() ? "" : std::to_string(found->second);
}

std::string worker_text(const Subject& subject, const Cpu& cpu) {
    std::string out;
    for (int worker : subject.roles.at(cpu.id.value).workers)
        out += (out.empty() ? "" : ",") + std::to_string(worker);
    return out;
}

std::string type_text(const Subject& subject, const Cpu& cpu) {
    if (!cpu.type) return "";
    return no_spaces(type_name(subject.types, cpu.type).text);
}

std::string devices_text(const Subject& subject, const Cpu& cpu) {
    const auto found = cpu.node ? subject.devices.find(cpu.node->value) : subject.devices.end();
    return found == subject.devices.end() ? "" : found->second;
}

struct TableColumn {
    std::string_view name;
    bool is_usual;
    const char* about;
    std::string (*entry)(const Subject&, const Cpu&);
};

constexpr TableColumn kColumns[] = {
    {"cpu", true, "the kernel's number of the CPU",
     [](const Subject&, const Cpu& c) { return std::to_string(c.id.value); }},
    {"core", true, "the core, numbered over the machine",
     [](const Subject&, const Cpu& c) { return id_text(c.core); }},
    {"thread", true, "which thread of its core, from 0",
     [](const Subject&, const Cpu& c) { return number_text(c.smt); }},
    {"package", true, "the package", [](const Subject&, const Cpu& c) { return id_text(c.package); }},
    {"die", false, "the die, numbered over the machine",
     [](const Subject&, const Cpu& c) { return id_text(c.die); }},
    {"cluster", false, "the cluster, numbered over the machine",
     [](const Subject&, const Cpu& c) { return id_text(c.cluster); }},
    {"node", true, "the NUMA node", [](const Subject&, const Cpu& c) { return id_text(c.node); }},
    {"type", true, "the kind of core: core, P-core, E-core, LP-E-core", type_text},
    {"l1d", false, "which level 1 data cache, from 0: equal numbers share it",
     cache_text<1, CacheType::data>},
    {"l1i", false, "which level 1 instruction cache, from 0", cache_text<1, CacheType::instruction>},
    {"l2", true, "which level 2 cache, from 0", cache_text<2, CacheType::unified>},
    {"l3", true, "which level 3 cache, from 0", cache_text<3, CacheType::unified>},
    {"apic", false, "the x2APIC id", [](const Subject&, const Cpu& c) { return number_text(c.apic_id); }},
    {"khz", false, "the highest frequency in kHz",
     [](const Subject&, const Cpu& c) { return number_text(c.max_khz); }},
    {"capacity", false, "1 to 1024, relative to the fastest CPU",
     [](const Subject&, const Cpu& c) { return number_text(c.capacity); }},
    {"online", true, "yes or no", [](const Subject&, const Cpu& c) { return yes_no(c.online); }},
    {"allowed", false, "yes or no: in this cgroup's CPUs",
     [](const Subject&, const Cpu& c) { return yes_no(c.allowed); }},
    {"isolated", true, "yes or no: isolated now, by the kernel",
     [](const Subject&, const Cpu& c) { return yes_no(c.isolated); }},
    {"nohz", false, "yes or no: no tick while one task runs",
     [](const Subject&, const Cpu& c) { return yes_no(c.nohz_full); }},
    {"devices", false, "devices near to its node, parted by commas", devices_text},
    {"role", false, "with --layout: worker, sibling, housekeeping, isolated; else what it is now",
     [](const Subject& s, const Cpu& c) { return class_name(s.roles.at(c.id.value).planned); }},
    {"worker", false, "with --layout: the worker that runs there", worker_text},
};

Subject subject_of(const Machine& machine, const Layout* layout) {
    Subject out{machine, cpu_roles(machine, layout), type_names(machine), {}, {}};
    std::map<CacheKind, int> count;
    for (const Cache& cache : machine.caches) {
        const CacheKind kind{cache.level, cache.type};
        const int index = count[kind]++;
        for (int cpu : cache.cpus) out.caches[{cpu, kind}] = index;
    }
    for (const Device& device : machine.devices) {
        if (!device.node) continue;
        std::string& names = out.devices[device.node->value];
        names +=
            (names.empty() ? "" : ",") + no_spaces(clean(device.name.empty() ? device.address : device.name));
    }
    return out;
}

}  // namespace

Result<Columns> parse_table_columns(const std::string& text, bool has_plan) {
    Columns out;
    if (text.empty()) {
        for (std::size_t i = 0; i < std::size(kColumns); ++i) {
            const bool is_of_plan = kColumns[i].name == "role" || kColumns[i].name == "worker";
            if (kColumns[i].is_usual || (has_plan && is_of_plan)) out.push_back(i);
        }
        return out;
    }
    std::vector<std::string_view> names;
    for (const TableColumn& column : kColumns) names.push_back(column.name);
    std::string_view rest = text;
    do {
        const std::string_view word = trim_space(take_until(rest, ','));
        const auto found = std::find(names.begin(), names.end(), word);
        if (found == names.end()) {
            const auto meant = did_you_mean(word, names);
            return fail("there is no column \"" + printable(word) + "\"", "--columns",
                        meant ? "did you mean " + *meant + "?" : "torque-topo show --list-columns lists them",
                        ErrorKind::usage);
        }
        out.push_back(static_cast<std::size_t>(found - names.begin()));
    } while (!rest.empty());
    return out;
}

std::string table_columns_text() {
    constexpr std::size_t kNameWidth = 10;
    std::string out;
    for (const TableColumn& column : kColumns) {
        std::string name(column.name);
        name.resize(kNameWidth, ' ');
        out += name + column.about + "\n";
    }
    return out;
}

std::string render_table(const Machine& machine, const Layout* layout, const Columns& columns) {
    const Subject subject = subject_of(machine, layout);
    std::vector<std::vector<std::string>> rows(1);
    for (std::size_t column : columns) {
        std::string title(kColumns[column].name);
        std::transform(title.begin(), title.end(), title.begin(), [](char c) {
            return static_cast<char>(c - 'a' < 26 && c >= 'a' ? c - 'a' + 'A' : c);
        });
        rows.front().push_back(std::move(title));
    }
    for (const Cpu& cpu : machine.cpus) {
        std::vector<std::string>& row = rows.emplace_back();
        for (std::size_t column : columns) {
            row.push_back(kColumns[column].entry(subject, cpu));
            if (row.back().empty()) row.back() = "-";
        }
    }
    std::vector<std::size_t> widths(columns.size(), 0);
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    std::string out;
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            out += row[i];
            if (i + 1 < row.size()) out.append(widths[i] - row[i].size() + 1, ' ');
        }
        out += '\n';
    }
    return out;
}

}  // namespace torque
