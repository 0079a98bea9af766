#include "machine.h"

#include <optional>
#include <string>

#include "layout/layout_json.h"
#include "render/box.h"
#include "render/diff.h"
#include "render/explain.h"
#include "render/html.h"
#include "render/matrix.h"
#include "render/svg.h"
#include "render/table.h"
#include "render/tree.h"
#include "torque/diff.h"
#include "torque/json.h"
#include "torque/planner.h"

namespace fuzz {
namespace {

// Planning for more only takes longer.
constexpr std::size_t kCpusMax = 512;

void check_texts(const torque::Machine& machine) {
    torque::render_tree(machine, {});
    torque::TreeStyle plain;
    plain.unicode = false;
    plain.sources = plain.colour = true;
    plain.width = 40;
    for (const char c : torque::render_tree(machine, plain)) {
        claim(c == '\n' || c == '\x1b' || (c >= ' ' && c <= '~'), "a tree in ASCII is nothing but ASCII");
    }
    claim(torque::diff(machine, machine).empty(), "a machine is like itself");
    torque::render_diff(torque::diff(machine, torque::Machine{}), "a", "b");
}

void check_pictures(const torque::Machine& machine) {
    torque::TreeStyle plain;
    plain.unicode = false;
    plain.width = 40;
    for (const std::string& text :
         {torque::render_box(machine, nullptr, plain), torque::render_matrix(machine, plain),
          torque::render_table(machine, nullptr, *torque::parse_table_columns("", false))}) {
        for (const char c : text)
            claim(c == '\n' || (c >= ' ' && c <= '~'), "a picture in ASCII is nothing but ASCII");
    }
    const std::string svg = torque::render_svg(machine, nullptr);
    claim(svg.ends_with("</svg>\n"), "a picture ends");
    for (const std::string& text : {svg, torque::render_html(machine, nullptr, nullptr)}) {
        for (const char c : text)
            claim(c == '\n' || static_cast<unsigned char>(c) >= ' ', "a drawing has no control characters");
    }
}

}  // namespace

torque::Request request_for(const torque::Machine& machine, Draw& draw) {
    torque::Request request;
    if (const int workers = draw.below(9); workers > 0) request.workers = workers;
    request.policy = static_cast<torque::Policy>(draw.below(2));
    request.smt = static_cast<torque::SmtPolicy>(draw.below(5));
    request.core_class = static_cast<torque::ClassChoice>(draw.below(3));
    request.isolate = static_cast<torque::Isolate>(draw.below(2));
    request.prefer = static_cast<torque::Prefer>(draw.below(2));
    for (bool* flag :
         {&request.oversubscribe, &request.allow_split, &request.quiet_llc, &request.require_isolation}) {
        *flag = draw.below(4) == 0;
    }
    if (draw.below(4) == 0) request.cpus = machine.host.online;
    if (draw.below(4) == 0) request.keep = machine.host.online;
    if (!machine.devices.empty() && draw.below(2) == 0) {
        request.near =
            machine.devices[static_cast<std::size_t>(draw.below(static_cast<int>(machine.devices.size())))]
                .name;
        request.spill = draw.below(2) == 0;
    }
    return request;
}

void check_layout(const torque::Layout& layout) {
    const std::string text = torque::layout_json(layout);
    const auto again = torque::parse_layout(text, "fuzz");
    claim(again.has_value(), "a layout that is written can be read");
    claim(torque::layout_json(*again) == text, "a layout that is read writes the same bytes");
    torque::render_explanation(layout, {});
}

void check_machine(torque::Machine machine, const torque::Profile& profile, Draw draw) {
    if (machine.cpus.size() > kCpusMax) return;
    machine.groups = torque::scheduling_groups(machine);
    const std::string text = torque::machine_json(machine);
    auto again = torque::parse_machine(text, machine.host.source);
    if (!again) {
        std::fprintf(stderr, "%s: %s\n", again.error().where.c_str(), again.error().what.c_str());
    }
    claim(again.has_value(), "a machine that is written can be read");
    again->groups = torque::scheduling_groups(*again);
    claim(torque::machine_json(*again) == text, "a machine that is read writes the same bytes");
    if (draw.below(2) == 0) check_texts(machine);
    if (draw.below(4) == 0) check_pictures(machine);
    const auto layout = torque::plan(machine, profile, request_for(machine, draw));
    if (layout) check_layout(*layout);
}

}  // namespace fuzz
