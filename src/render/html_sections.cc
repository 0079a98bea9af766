#include "render/html_sections.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <vector>

#include "render/compact.h"
#include "render/facts.h"
#include "render/figure_table.h"
#include "render/markup.h"
#include "render/names.h"

namespace torque {
namespace {

using Row = std::vector<std::string>;

template <class Value>
std::string or_unknown(const std::optional<Value>& value) {
    return value ? std::to_string(*value) : "";
}

std::string section(const char* id, const std::string& title, const std::string& body) {
    return std::string("<section aria-labelledby=\"") + id + "\">\n<h2 id=\"" + id + "\">" + markup(title) +
           "</h2>\n" + body + "</section>\n";
}

// The first cell of a row is its head. Columns without an entry are left out.
std::string table(const Row& titles, const std::vector<Row>& rows, const std::string& source) {
    std::vector<std::size_t> shown;
    for (std::size_t i = 0; i < titles.size(); ++i) {
        if (std::any_of(rows.begin(), rows.end(), [&](const Row& row) { return !row[i].empty(); }))
            shown.push_back(i);
    }
    std::string out = "<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr>";
    for (std::size_t i : shown) out += "<th scope=\"col\">" + markup(titles[i]) + "</th>";
    out += "</tr></thead>\n<tbody>\n";
    for (const Row& row : rows) {
        out += "<tr>";
        for (std::size_t i : shown) {
            const bool is_head = i == shown.front();
            out += is_head ? "<th scope=\"row\">" : "<td>";
            out += markup(row[i]) + (is_head ? "</th>" : "</td>");
        }
        out += "</tr>\n";
    }
    out += "</tbody></table></div>\n";
    if (!source.empty()) out += "<p class=\"source\">Source: " + markup(source) + "</p>\n";
    return out;
}

// A table whose cells are the darker the larger.
std::string heat_map(const std::string& id, const HeatMap& map, const std::string& about,
                     const std::string& source) {
    double least = std::numeric_limits<double>::max(), most = 0;
    for (const std::optional<double>& value : map.values) {
        if (!value) continue;
        least = std::min(least, *value);
        most = std::max(most, *value);
    }
    const std::string about_id = id + "-about";
    std::string out = "<p class=\"faint\" id=\"" + about_id + "\">" + markup(about) +
                      "</p>\n<div class=\"scroll\" tabindex=\"0\"><table class=\"heat\" aria-describedby=\"" +
                      about_id + "\">\n<thead><tr><td></td>";
    for (const std::string& name : map.columns) out += "<th scope=\"col\">" + markup(name) + "</th>";
    out += "</tr></thead>\n<tbody>\n";
    for (std::size_t i = 0; i < map.rows.size(); ++i) {
        out += "<tr><th scope=\"row\">" + markup(map.rows[i]) + "</th>";
        for (std::size_t k = 0; k < map.columns.size(); ++k) {
            const std::optional<double> value = map.at(i, k);
            const double share = value && most > least ? (*value - least) / (most - least) : 0;
            out += "<td style=\"--h:" + std::to_string(std::lround(share * 60)) + "%\">" +
                   (value ? std::to_string(std::lround(*value)) : "") + "</td>";
        }
        out += "</tr>\n";
    }
    out += "</tbody></table></div>\n";
    if (!source.empty()) out += "<p class=\"source\">Source: " + markup(source) + "</p>\n";
    return section(id.c_str(), map.title, out);
}

std::string joined_words(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : " ") + clean(word);
    return out;
}

}  // namespace

std::string html_distances(const Machine& machine) {
    if (!machine.distances || machine.distances->nodes.size() < 2) return {};
    HeatMap map;
    map.title = "NUMA distances";
    for (NodeId node : machine.distances->nodes) {
        map.rows.push_back("node " + std::to_string(node.value));
        map.columns.push_back("to " + std::to_string(node.value));
    }
    for (std::size_t i = 0; i < map.rows.size(); ++i) {
        for (std::size_t k = 0; k < map.columns.size(); ++k) {
            const bool is_told =
                i < machine.distances->matrix.size() && k < machine.distances->matrix[i].size();
            map.values.push_back(is_told ? std::optional<double>(machine.distances->matrix[i][k])
                                         : std::nullopt);
        }
    }
    return heat_map(
        "distances", map,
        "From the CPUs of the node in a row to the memory of the node in a column. 10 is local, 20 "
        "costs about twice as much.",
        source_text(machine, "distances"));
}

std::string html_latencies(const MeasuredCores& cores) {
    if (cores.pairs.empty()) return {};
    HeatMap map;
    map.title = "Between CPUs";
    std::map<int, std::size_t> place;
    for (int cpu : cores.cpus) {
        place.emplace(cpu, map.rows.size());
        map.rows.push_back(std::to_string(cpu));
    }
    map.columns = map.rows;
    const std::size_t side = map.rows.size();
    map.values.resize(side * side);
    for (const MeasuredLatency& pair : cores.pairs) {
        const std::size_t a = place.at(pair.a), b = place.at(pair.b);
        map.values[a * side + b] = map.values[b * side + a] = pair.latency_ns;
    }
    constexpr std::size_t kSideMax = 64;
    return heat_map("latencies", made_smaller(map, kSideMax),
                    "A cache line's way from the CPU in a row to the CPU in a column, in ns" +
                        std::string(side > kSideMax ? ": the median of several CPUs in each field." : "."),
                    "measured: " + clean(cores.file) + (cores.is_reliable ? "" : ", not reliable"));
}

std::string html_findings(const Machine& machine) {
    if (machine.findings.empty()) return {};
    static constexpr const char* kNames[] = {"info", "warning", "problem"};
    std::string out = "<ul class=\"findings\">\n";
    for (int severity = 2; severity >= 0; --severity) {
        for (const Finding& finding : machine.findings) {
            if (static_cast<int>(finding.severity) != severity) continue;
            const std::string name = kNames[severity];
            out +=
                "<li class=\"" + name + "\"><strong>" + name + "</strong> " + markup(clean(finding.message));
            if (!finding.hint.empty()) out += " <em>" + markup(clean(finding.hint)) + "</em>";
            std::string sources;
            for (const std::string& source : finding.sources)
                sources += (sources.empty() ? "" : ", ") + clean(source);
            out += " <span class=\"source\">" + markup(clean(finding.id)) + (sources.empty() ? "" : ": ") +
                   markup(sources) + "</span></li>\n";
        }
    }
    return section("findings", "Findings", out + "</ul>\n");
}

std::string html_devices(const Machine& machine) {
    std::vector<Row> rows;
    for (const Device& device : machine.devices) {
        rows.push_back({clean(device.name.empty() ? device.address : device.name), clean(device.kind),
                        device.node ? std::to_string(device.node->value) : "", device.cpus.list(),
                        or_unknown(device.queues), clean(device.state.value_or("")),
                        device.speed_mbps ? std::to_string(*device.speed_mbps) + " Mb/s" : "",
                        clean(device.driver.value_or("")), clean(device.address),
                        clean(device.vendor.value_or("")), clean(device.model.value_or(""))});
    }
    if (rows.empty()) return {};
    return section("devices", "Devices",
                   table({"device", "kind", "node", "near CPUs", "queues", "link", "speed", "driver",
                          "address", "vendor", "model"},
                         rows, source_text(machine, "devices")));
}

std::string html_types(const Machine& machine) {
    const std::vector<Span> names = type_names(machine);
    std::vector<Row> rows;
    std::string features;
    for (std::size_t i = 0; i < machine.types.size(); ++i) {
        const CoreType& type = machine.types[i];
        rows.push_back({names[i].text, clean(type.brand.value_or("")), clean(type.codename.value_or("")),
                        clean(type.vendor.value_or("")), or_unknown(type.family), or_unknown(type.model),
                        or_unknown(type.stepping), or_unknown(type.threads_per_core), type.cpus.list()});
        if (type.features.empty()) continue;
        features += "<details><summary>" + std::to_string(type.features.size()) + " features of a " +
                    markup(names[i].text) + "</summary><p>" + markup(joined_words(type.features)) +
                    "</p></details>\n";
    }
    if (rows.empty()) return {};
    return section(
        "types", "Kinds of core",
        table({"kind", "brand", "codename", "vendor", "family", "model", "stepping", "threads", "CPUs"}, rows,
              source_text(machine, "types")) +
            features);
}

std::string html_tlbs(const Machine& machine) {
    static constexpr const char* kTypes[] = {"data", "instruction", "unified", "load", "store"};
    std::vector<Row> rows;
    for (const Tlb& tlb : machine.tlbs) {
        rows.push_back({"L" + std::to_string(tlb.level), kTypes[static_cast<std::size_t>(tlb.type)],
                        joined_words(tlb.page_sizes), or_unknown(tlb.entries),
                        tlb.fully_associative ? "full" : or_unknown(tlb.ways), tlb.cpus.list()});
    }
    if (rows.empty()) return {};
    return section(
        "tlbs", "TLBs",
        table({"level", "for", "pages", "entries", "ways", "CPUs"}, rows, source_text(machine, "tlbs")));
}

std::string html_host(const Machine& machine) {
    const HostFacts& host = machine.host;
    std::vector<Row> rows;
    const auto add = [&](const char* name, std::string value) {
        if (!value.empty()) rows.push_back({name, std::move(value)});
    };
    add("kernel", clean(host.kernel.value_or("")));
    add("boot line", clean(host.cmdline.value_or("")));
    add("hypervisor", clean(host.hypervisor.value_or("")));
    if (host.memory_bytes) add("memory", size_text(*host.memory_bytes));
    add("online CPUs", host.online.list());
    add("possible CPUs", host.possible.list());
    add("isolated CPUs", host.isolated.list());
    add("nohz_full CPUs", host.nohz_full.list());
    if (host.cgroup_cpus) add("CPUs of this cgroup", host.cgroup_cpus->list());
    if (host.limits.nofile) add("open files at most", std::to_string(*host.limits.nofile));
    if (host.limits.memlock_bytes) add("locked memory at most", size_text(*host.limits.memlock_bytes));
    add("fingerprint", clean(machine.fingerprint));
    add("read from", clean(host.source));
    return section("host", "System", table({"", "value"}, rows, source_text(machine, "host")));
}

std::string html_sources(const Machine& machine) {
    std::vector<Row> rows;
    for (const Provenance& row : machine.provenance) rows.push_back({clean(row.fact), clean(row.source)});
    if (rows.empty()) return {};
    return section("sources", "Sources", table({"fact", "read from"}, rows, ""));
}

}  // namespace torque
