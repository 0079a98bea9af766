// picture(): a machine as nested boxes, like ones put together. What svg, html and box draw.
#pragma once

#include <string>
#include <vector>

#include "render/nest.h"
#include "render/roles.h"
#include "render/text.h"
#include "torque/layout.h"
#include "torque/machine.h"

namespace torque {

enum class BoxKind { machine, place, cache, core, cpu, memory, offline };

struct BoxGroup;

struct Box {
    BoxKind kind = BoxKind::machine;
    std::vector<Span> titles;            // one a line: "package 0", "node 0 · 64 GiB", "L3 24 MiB"
    const Thing* thing = nullptr;        // of Picture::nesting; null for memory, offline CPUs and threads
    std::vector<const Node*> nodes;      // whose memory it is
    std::vector<const Device*> devices;  // near to those nodes
    CpuSet cpus;                         // all that lie in it
    std::vector<BoxGroup> groups;
};

// Boxes that say the same of themselves but for their numbers, and hold like boxes.
struct BoxGroup {
    std::vector<Span> heading;  // "8 P cores", "2 threads each", "L2 1.25 MiB"; empty: the box says it all
    std::vector<Box> boxes;     // never empty
    bool is_folded = false;     // only the first is drawn
};

// The heading in lines of at most `width` columns, broken between its parts; of a folded group with all CPUs.
std::vector<Line> heading_lines(const BoxGroup& group, const Glyphs& glyph, int width);

struct Picture {
    Nesting nesting;
    CpuRoles roles;
    Box root;
    bool has_plan = false;
};

// How much is drawn before boxes are folded: a CPU costs 1.
struct Room {
    std::size_t cost_max = 128;
    std::size_t frame_cost = 0;  // of a box around others
};

// Boxes are folded from the inside out until they fit the room, if that can be done.
// Where that takes folding, CPUs with different roles and nodes with devices are not alike. The result
// points into `machine`.
Picture picture(const Machine& machine, const Layout* layout, const Glyphs& glyph, const Room& room);

// A grid's columns for `count` cells of width x height, that it be about `ratio` times as wide as high and
// without gaps where that is near.
int grid_columns(std::size_t count, double width, double height, double ratio);

}  // namespace torque
