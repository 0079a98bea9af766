#include "render/sections.h"

#include <algorithm>
#include <tuple>

#include "base/offline_siblings.h"
#include "render/compact.h"
#include "render/fold.h"
#include "render/names.h"

namespace torque {
namespace {

struct OfflineCpus {
    CpuSet placed, cores;  // threads of these cores, as the machine tells
    CpuSet others;
};

OfflineCpus offline_cpus(const Machine& machine) {
    const OfflineSiblings siblings = place_offline(machine, machine.cores);
    OfflineCpus out;
    out.placed = siblings.known;
    for (std::size_t i = 0; i < machine.cores.size(); ++i) {
        if (siblings.of_core[i].intersects(siblings.known)) out.cores |= machine.cores[i].cpus;
    }
    for (const Cpu& cpu : machine.cpus) {
        if (!cpu.online && !siblings.known.contains(cpu.id)) out.others.add(cpu.id);
    }
    return out;
}

}  // namespace

void put_aside(Page& page, const Nesting& nesting) {
    constexpr std::size_t kShownMax = 8;
    for (std::size_t i = 0; i < std::min(nesting.aside.size(), kShownMax); ++i) {
        const Thing& thing = nesting.aside[i];
        std::string name = thing.core != nullptr ? "a core" : thing.clusters > 0 ? "a cluster" : "a group";
        if (!thing.caches.empty()) name = "an " + cache_name(*thing.caches[0]);
        if (!thing.dies.empty()) name = "die " + std::to_string(thing.dies[0].value);
        if (!thing.nodes.empty()) name = "node " + std::to_string(thing.nodes[0]->id.value);
        if (!thing.packages.empty()) name = "package " + std::to_string(thing.packages[0].value);
        page.put_wrapped(text("  "), text("    "),
                         text(name + " with CPUs " + list_text(thing.cpus, page.glyph) +
                                  " overlaps the tree and is not in it",
                              Tone::notice));
    }
    if (nesting.aside.size() > kShownMax) {
        page.put(text("  and " + std::to_string(nesting.aside.size() - kShownMax) + " more like that",
                      Tone::notice));
    }
}

void put_types(Page& page, const Machine& machine) {
    if (machine.types.size() < 2) return;
    const std::vector<Span> names = type_names(machine);
    std::vector<std::vector<Line>> rows;
    for (std::size_t i = 0; i < machine.types.size(); ++i) {
        const CoreType& type = machine.types[i];
        std::uint64_t max_khz = 0;
        int capacity = 0;
        for (const Cpu& cpu : machine.cpus) {
            if (cpu.type != type.id) continue;
            max_khz = std::max(max_khz, cpu.max_khz.value_or(0));
            capacity = std::max(capacity, cpu.capacity.value_or(0));
        }
        const auto of_type = [&](const Core& core) { return core.type == type.id; };
        const auto cores = std::count_if(machine.cores.begin(), machine.cores.end(), of_type);
        std::string model;
        for (const auto* part : {&type.family, &type.model, &type.stepping}) {
            if (part != &type.family) model += '/';
            model += *part ? std::to_string(**part) : "?";
        }
        if (!type.family && !type.model) model.clear();
        std::string name = type.codename ? clean(*type.codename) : "";
        const std::string brand = clean(type.brand.value_or(""));
        const bool is_number = brand.starts_with("0x") && !name.empty();  // of an Arm core, which has a name
        if (!brand.empty() && !is_number && brand != clean(machine.host.model.value_or(""))) {
            name += (name.empty() ? "" : ", ") + brand;
        }
        rows.push_back({{names[i]},
                        text(cores > 0 ? std::to_string(cores) : ""),
                        text(type.threads_per_core ? std::to_string(*type.threads_per_core) : ""),
                        text(max_khz > 0 ? frequency_text(max_khz) : ""),
                        text(capacity > 0 ? std::to_string(capacity) : ""),
                        text(std::move(model)),
                        text(list_text(type.cpus, page.glyph)),
                        text(std::move(name))});
    }
    page.section("Core types");
    put_table(page,
              {{""},
               {"cores", true},
               {"threads", true},
               {"up to", true},
               {"capacity", true, false, true},
               {"family/model/stepping", false, false, true},
               {"CPUs", false, true},
               {"what", false, true}},
              rows);
}

void put_states(Page& page, const Machine& machine) {
    const CpuStates states = cpu_states(machine);
    std::vector<std::vector<Line>> rows;
    const auto add = [&](const char* name, const CpuSet& cpus, const std::string& what) {
        if (cpus.empty()) return;
        rows.push_back({text(name, Tone::notice), text(list_text(cpus, page.glyph)), text(what)});
    };
    add("isolated", states.isolated | machine.host.isolated, "the scheduler puts nothing there by itself");
    add("nohz_full", states.nohz_full | machine.host.nohz_full, "no tick while one task runs");
    const OfflineCpus offline = offline_cpus(machine);
    add("offline", offline.placed, "SMT siblings of " + list_text(offline.cores, page.glyph));
    add("offline", offline.others, "the kernel hides their place in the machine");
    std::string allowed;
    if (machine.host.cgroup_cpus) {
        allowed = "this cgroup has " + list_text(*machine.host.cgroup_cpus, page.glyph);
    }
    add("not allowed", states.not_allowed, allowed);
    if (machine.host.cpu_quota) {
        const auto hundredths =
            static_cast<std::int64_t>(std::clamp(*machine.host.cpu_quota, 0.0, 1e9) * 100 + 0.5);
        std::string quota = std::to_string(hundredths / 100);
        if (hundredths % 100 != 0) quota += "." + std::to_string(100 + hundredths % 100).substr(1);
        if (hundredths % 100 != 0 && quota.ends_with('0')) quota.pop_back();
        rows.push_back({text("quota", Tone::notice), text(quota + (hundredths == 100 ? " CPU" : " CPUs")),
                        text("time that this cgroup may use, on whichever CPUs")});
    }
    if (rows.empty()) return;
    page.section("Kept apart");
    put_table(page, {{""}, {"", false, true}, {"", false, true}}, rows);
}

void put_findings(Page& page, const Machine& machine) {
    static constexpr struct {
        Severity severity;
        const char* name;
        Tone tone;
    } kSeverities[] = {{Severity::problem, "problem", Tone::problem},
                       {Severity::warning, "warning", Tone::notice},
                       {Severity::info, "info", Tone::faint}};
    // A second opinion that is the same is told of in one line.
    const auto opinion = std::find_if(machine.provenance.begin(), machine.provenance.end(),
                                      [](const Provenance& row) { return row.fact == "as hwloc sees it"; });
    const bool is_agreed = opinion != machine.provenance.end() &&
                           std::none_of(machine.findings.begin(), machine.findings.end(),
                                        [](const Finding& finding) { return finding.id == "hwloc-differs"; });
    if (machine.findings.empty() && !is_agreed) return;
    page.section("Findings");
    for (const auto& row : kSeverities) {
        for (const Finding& finding : machine.findings) {
            if (finding.severity != row.severity) continue;
            std::string name = row.name;
            name.resize(9, ' ');
            Line line = text(clean(finding.message));
            if (!finding.hint.empty()) {
                line.push_back(
                    {" " + std::string(page.glyph.arrow) + " " + clean(finding.hint), Tone::faint});
            }
            if (page.style.sources && !finding.sources.empty()) {
                std::string sources;
                for (const auto& source : finding.sources)
                    sources += (sources.empty() ? "" : ", ") + clean(source);
                line.push_back({" (" + finding.id + ": " + sources + ")", Tone::faint});
            }
            page.put_wrapped({{"  "}, {name, row.tone}}, text("           "), line);
        }
    }
    if (is_agreed) page.put_wrapped(text("  agreed   "), text("           "), text(clean(opinion->source)));
}

void put_apic_ids(Page& page, const Machine& machine) {
    struct Group {
        std::tuple<std::optional<PackageId>, std::optional<TypeId>, std::optional<int>> key;
        Numbers cpus, apic_ids;
    };
    std::vector<Group> groups;
    for (const Cpu& cpu : machine.cpus) {
        if (!cpu.apic_id) continue;
        const auto key = std::tuple(cpu.package, cpu.type, cpu.smt);
        // From the back: where the ids of like CPUs do not ascend, a new group starts.
        auto found = std::find_if(groups.rbegin(), groups.rend(),
                                  [&](const Group& group) { return group.key == key; });
        if (found == groups.rend() || found->apic_ids.back() >= static_cast<std::int64_t>(*cpu.apic_id)) {
            groups.push_back({key, {}, {}});
            found = groups.rbegin();
        }
        found->cpus.push_back(cpu.id.value);
        found->apic_ids.push_back(static_cast<std::int64_t>(*cpu.apic_id));
    }
    if (groups.empty()) return;
    std::vector<std::vector<Line>> rows;
    for (const Group& group : groups) {
        rows.push_back({text(list_text(group.cpus, page.glyph, page.width / 3)),
                        text(list_text(group.apic_ids, page.glyph, page.width / 2))});
    }
    page.section("APIC ids");
    put_table(page, {{"CPUs", false, true}, {"in that order", false, true}}, rows);
}

void put_sources(Page& page, const Machine& machine) {
    if (machine.provenance.empty()) return;
    std::vector<std::vector<Line>> rows;
    for (const Provenance& row : machine.provenance)
        rows.push_back({text(clean(row.fact)), text(clean(row.source))});
    page.section("Sources");
    put_table(page, {{""}, {"", false, true}}, rows);
}

}  // namespace torque
