#include "render/explain.h"

#include <algorithm>
#include <tuple>

#include "render/compact.h"
#include "render/text.h"

namespace torque {
namespace {

template <class Kind>
std::string id_text(const std::optional<Id<Kind>>& id) {
    return id ? std::to_string(id->value) : std::string{};
}

std::string optional_text(const std::optional<int>& value) {
    return value ? std::to_string(*value) : std::string{};
}

// What happens to the other threads of the workers' cores, after "the other threads of their cores, 5,7, ".
const char* smt_text(SmtPolicy policy) {
    switch (policy) {
        case SmtPolicy::idle:
            return "stay idle";
        case SmtPolicy::use:
            return "are for workers too";
        case SmtPolicy::assist:
            return "assist their worker";
        case SmtPolicy::offline:
            return "go offline";
        case SmtPolicy::housekeeping:
            return "do housekeeping";
    }
    return "";
}

void put_summary(Page& page, const Layout& layout) {
    CpuSet own, siblings;
    for (const Worker& worker : layout.workers) {
        own.add(worker.cpu);
        siblings |= worker.siblings;
    }
    siblings -= own;
    const std::string model = clean(layout.machine.model.value_or("this machine"));
    page.put_wrapped({}, {},
                     {{count_text(static_cast<int>(layout.workers.size()), "worker"), Tone::strong},
                      {" on " + model + (layout.workers.size() == 1 ? ", CPU " : ", CPUs ")},
                      {list_text(own, page.glyph, page.width), Tone::strong},
                      {layout.profile.empty() ? "" : ", profile " + clean(layout.profile), Tone::faint}});
    if (!siblings.empty()) {
        page.put_wrapped(
            {}, {},
            text("The other threads of their cores, " + list_text(siblings, page.glyph, page.width) + ", " +
                 smt_text(layout.request.smt) + "."));
    }
}

// Workers that share all but their CPU and core; each alone where there are few.
struct WorkerGroup {
    const Worker* like = nullptr;
    Numbers ids, cpus, cores, queues;
    CpuSet siblings;
};

std::vector<WorkerGroup> worker_groups(const Layout& layout) {
    constexpr std::size_t kRowsMax = 24;
    std::vector<WorkerGroup> out;
    for (const Worker& worker : layout.workers) {
        const auto home = [](const Worker& w) {
            return std::tie(w.package, w.node, w.llc, w.memory_nodes, w.buffers.count, w.buffers.size_bytes);
        };
        const bool is_new =
            layout.workers.size() <= kRowsMax || out.empty() || home(*out.back().like) != home(worker);
        if (is_new) out.push_back({&worker, {}, {}, {}, {}, {}});
        WorkerGroup& group = out.back();
        group.ids.push_back(worker.id);
        group.cpus.push_back(worker.cpu.value);
        group.cores.push_back(worker.core.value);
        if (worker.queue) group.queues.push_back(*worker.queue);
        group.siblings |= worker.siblings;
    }
    return out;
}

void put_workers(Page& page, const Layout& layout) {
    if (layout.workers.empty()) return;
    std::vector<std::vector<Line>> rows;
    for (WorkerGroup& group : worker_groups(layout)) {
        for (Numbers* list : {&group.cpus, &group.cores, &group.queues})
            std::sort(list->begin(), list->end());
        const Worker& worker = *group.like;
        Numbers memory;
        for (NodeId node : worker.memory_nodes) memory.push_back(node.value);
        std::sort(memory.begin(), memory.end());
        std::string buffers;
        if (worker.buffers.count > 0) {
            buffers = std::to_string(worker.buffers.count) + " " + std::string(page.glyph.times) + " " +
                      size_text(static_cast<std::uint64_t>(std::max(worker.buffers.size_bytes, 0)));
        }
        rows.push_back({text(list_text(group.ids, page.glyph), Tone::strong),
                        text(list_text(group.cpus, page.glyph), Tone::fast_core),
                        text(list_text(group.siblings, page.glyph)), text(list_text(group.cores, page.glyph)),
                        text(optional_text(worker.llc)), text(id_text(worker.node)),
                        text(id_text(worker.package)),
                        text(memory.empty() ? "" : "node " + list_text(memory, page.glyph)),
                        text(list_text(group.queues, page.glyph)), text(std::move(buffers))});
    }
    page.section("Workers");
    put_table(page,
              {{"worker", true},
               {"CPU", true},
               {"siblings", true},
               {"core", true},
               {"LLC", true},
               {"node", true},
               {"package", true},
               {"memory from"},
               {"queue", true},
               {"receive buffers"}},
              rows);
}

void put_others(Page& page, const Layout& layout) {
    std::vector<std::vector<Line>> rows;
    const auto add = [&](const char* name, const CpuSet& cpus, Tone tone) {
        rows.push_back({text(name, tone),
                        text(cpus.empty() ? "none" : list_text(cpus, page.glyph, page.width)),
                        text(count_text(cpus.count(), "CPU"), Tone::faint)});
    };
    add("isolated", layout.isolated, Tone::notice);
    add("housekeeping", layout.housekeeping, Tone::plain);
    page.section("Who runs where");
    put_table(page, {{""}, {"", false, true}, {"", true}}, rows);
}

void put_boot(Page& page, const Layout& layout) {
    if (!layout.boot.cmdline && layout.boot.args.empty()) return;
    page.section("Boot line");
    if (layout.boot.cmdline)
        page.put_wrapped(text("  "), text("  "), text(clean(*layout.boot.cmdline), Tone::strong));
    if (layout.boot.args.empty()) return;
    std::vector<std::vector<Line>> rows;
    for (const BootArg& arg : layout.boot.args) {
        std::vector<Span> said{{clean(arg.why)}};
        if (!arg.price.empty()) said.push_back({"costs: " + clean(arg.price), Tone::notice});
        if (!arg.needs.empty()) said.push_back({"needs: " + clean(arg.needs), Tone::faint});
        rows.push_back({text(clean(arg.name), Tone::cache), joined(said, page.glyph)});
    }
    page.put({});
    put_table(page, {{""}, {"", false, true}}, rows);
}

void put_runtime(Page& page, const Layout& layout) {
    if (layout.runtime.empty()) return;
    page.section("Without a reboot");
    for (const RuntimeKnob& knob : layout.runtime) {
        Line line{{clean(knob.path), Tone::cache}, {" = " + clean(knob.value)}};
        if (!knob.why.empty()) line.push_back({"  " + clean(knob.why), Tone::faint});
        page.put_wrapped(text("  "), text("    "), line);
    }
}

// The levels from the core up, each with its like parts: what the workers were spread over.
void put_groups(Page& page, const Layout& layout) {
    std::vector<std::vector<Line>> rows;
    for (const SchedulingLevel& level : layout.groups) {
        bool is_first = true;
        for (const SchedulingGroup& group : level.groups) {
            rows.push_back({text(is_first ? clean(level.name) : std::string(), Tone::cache),
                            text(std::to_string(group.count), Tone::strong), text(clean(group.shape))});
            is_first = false;
        }
    }
    if (rows.empty()) return;
    page.section("Scheduling groups");
    put_table(page, {{""}, {"", true}, {"", false, true}}, rows);
}

void put_list(Page& page, std::string_view title, const std::vector<std::string>& entries, Tone tone) {
    if (entries.empty()) return;
    page.section(title);
    for (const std::string& entry : entries)
        page.put_wrapped({{"  - ", tone}}, text("    "), text(clean(entry)));
}

}  // namespace

std::string render_explanation(const Layout& layout, const TreeStyle& style) {
    Page page(style);
    put_summary(page, layout);
    put_workers(page, layout);
    put_others(page, layout);
    put_groups(page, layout);
    put_boot(page, layout);
    put_runtime(page, layout);
    if (!layout.decisions.empty()) {
        std::vector<std::vector<Line>> rows;
        for (const Decision& decision : layout.decisions) {
            rows.push_back({text(clean(decision.rule), Tone::cache), text(clean(decision.why))});
        }
        page.section("Why");
        put_table(page, {{""}, {"", false, true}}, rows);
    }
    put_list(page, "Warnings", layout.warnings, Tone::notice);
    put_list(page, "Left over", layout.leftovers, Tone::faint);
    return std::move(page.out);
}

}  // namespace torque
