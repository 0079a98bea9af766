#include "layout/measured_sizes_json.h"

#include <utility>

namespace torque {
namespace {

constexpr std::size_t kKneesMax = 100;  // plateaus are half a doubling wide, and no curve has 50
constexpr int kPageBytesMax = 1 << 30;
constexpr int kNodeMax = 1 << 20;
constexpr std::string_view kPlacements[] = {"there", "elsewhere"};

std::vector<MeasuredKnee> read_knees(const JsonReader& json) {
    std::vector<MeasuredKnee> knees;
    for (const JsonReader& row : json.elements()) {
        row.only({"at", "from", "to", "before_ns", "after_ns", "open"});
        const double at = row["at"].number(), before = knees.empty() ? 0 : knees.back().at;
        if (at <= before) row["at"].complain("the knees do not ascend from above 0");
        if (knees.size() == kKneesMax) row.complain("more knees than a curve can have");
        knees.push_back({at, row["open"].boolean()});
    }
    return knees;
}

MeasuredCachesOfCpu read_caches_of_cpu(const JsonReader& json, const CpuSet& cpus) {
    json.only({"cpu", "like", "line_bytes", "page_bytes", "clock_ns", "bytes_max", "caches", "tlbs",
               "cache_knees", "tlb_knees", "curves"});
    MeasuredCachesOfCpu found;
    found.cpu = json["cpu"].integer(0, CpuSet::kMaxCpu);
    if (!cpus.contains(found.cpu)) json["cpu"].complain("a CPU that was not measured");
    found.page_bytes = static_cast<std::size_t>(json["page_bytes"].integer(1, kPageBytesMax));
    found.caches = read_knees(json["cache_knees"]);
    found.tlbs = read_knees(json["tlb_knees"]);
    return found;
}

std::optional<NodeId> read_node(const JsonReader& json) {
    if (json.is_null()) return std::nullopt;
    return NodeId{json.integer(0, kNodeMax)};
}

MeasuredCell read_cell(const JsonReader& json) {
    json.only({"cpu_node",
               "memory_node",
               "cpu",
               "cpus",
               "bytes",
               "cache_bytes",
               "huge_share",
               "latency_ns",
               "latency_spread_ns",
               "samples",
               "read_bytes_per_s",
               "read_spread_bytes_per_s",
               "placement",
               "placement_source",
               "pages",
               "pages_elsewhere",
               "declared_distance",
               "declared_latency_ns",
               "declared_bytes_per_s",
               "reason"});
    MeasuredCell cell{read_node(json["cpu_node"]), read_node(json["memory_node"]), {}};
    if (!json["latency_ns"].is_null()) {
        cell.latency_ns = measured_number(json["latency_ns"]);
        cell.spread_ns = measured_number(json["latency_spread_ns"]);
    }
    if (json["placement"].is_null()) return cell;
    const bool is_elsewhere = kPlacements[json["placement"].word(kPlacements)] == "elsewhere";
    cell.pages = json["pages"].unsigned_integer();
    cell.pages_elsewhere = json["pages_elsewhere"].unsigned_integer(cell.pages);
    if (is_elsewhere != (cell.pages_elsewhere > 0))
        json["placement"].complain("the numbers of pages say otherwise");
    return cell;
}

}  // namespace

double measured_number(const JsonReader& json, double max) {
    const double number = json.number();
    if (number >= 0 && number <= max) return number;
    json.complain(max == 1 ? "not a share from 0 to 1" : "no measurement is negative");
    return 0;
}

std::optional<std::string> measured_fingerprint(const JsonReader& json) {
    const JsonReader fingerprint = json.optional("fingerprint");
    if (fingerprint.is_null()) return std::nullopt;
    std::string text = fingerprint.text();
    if (text.size() != 16 || text.find_first_not_of("0123456789abcdef") != text.npos)
        fingerprint.complain("not the 16 hexadecimal digits of a fingerprint");
    return text;
}

MeasuredResult read_measured_result(const JsonReader& json, const std::string& name) {
    // Null: where a file was read, nothing disturbed it that is known of.
    const JsonReader reliable = json["reliable"];
    return {name, json["cpus"].cpus(), reliable.is_null() || reliable.boolean(), measured_fingerprint(json)};
}

MeasuredCaches read_measured_caches(const JsonReader& json, const std::string& name) {
    json.only({"schema", "what", "source", "cpus", "fingerprint", "reliable", "reason", "waiting", "steal",
               "measured"});
    MeasuredCaches found{read_measured_result(json, name), {}};
    for (const JsonReader& row : json["measured"].elements()) {
        MeasuredCachesOfCpu cpu = read_caches_of_cpu(row, found.cpus);
        if (!found.measured.empty() && cpu.cpu <= found.measured.back().cpu)
            row["cpu"].complain("the CPUs do not ascend");
        found.measured.push_back(std::move(cpu));
    }
    return found;
}

MeasuredMemory read_measured_memory(const JsonReader& json, const std::string& name) {
    json.only({"schema", "what", "source", "cpus", "fingerprint", "reliable", "reason", "waiting", "steal",
               "clock_ns", "slit", "hmat", "cells"});
    MeasuredMemory found{read_measured_result(json, name), {}};
    for (const JsonReader& row : json["cells"].elements()) {
        const MeasuredCell cell = read_cell(row);
        if (!found.cells.empty()) {
            const MeasuredCell& before = found.cells.back();
            if (std::pair(cell.from, cell.to) <= std::pair(before.from, before.to))
                row.complain("the pairs of nodes do not ascend");
        }
        found.cells.push_back(cell);
    }
    return found;
}

}  // namespace torque
