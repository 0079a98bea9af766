#include "render/place.h"

#include <algorithm>
#include <cmath>

namespace torque {
namespace {

constexpr double kCharWidth = 6.8, kBoldWidth = 7.6;  // of text of 12 pixels, as wide fonts have it
constexpr double kRatio = 1.5;                        // width to height that a box is to have
constexpr double kHeadingMin = 190;  // pixels that a heading gets at least before it is broken

double text_width(const Line& line) {
    double out = 0;
    for (const Span& span : line) {
        const bool is_bold = span.tone != Tone::plain && span.tone != Tone::faint && span.tone != Tone::cache;
        out += (is_bold ? kBoldWidth : kCharWidth) * columns(span.text);
    }
    return out;
}

PlacedBox measured(const Box& box);

PlacedGroup measured(const BoxGroup& group, bool is_core) {
    PlacedGroup out;
    out.group = &group;
    for (const Box& box : group.boxes) {
        out.boxes.push_back(measured(box));
        if (group.is_folded) break;
    }
    double cell_width = 0, cell_height = 0;
    for (const PlacedBox& box : out.boxes) {
        cell_width = std::max(cell_width, box.width);
        cell_height = std::max(cell_height, box.height);
    }
    out.columns = is_core ? static_cast<int>(std::min<std::size_t>(group.boxes.size(), 4))
                          : grid_columns(group.boxes.size(), cell_width + kGap, cell_height + kGap, kRatio);
    const int drawn = static_cast<int>(out.boxes.size());
    const int columns_drawn = std::min(out.columns, drawn);
    const int rows = (drawn + out.columns - 1) / out.columns;
    out.width = columns_drawn * (cell_width + kGap) - kGap;
    if (!group.heading.empty()) {
        const double room = std::max(out.width, kHeadingMin);
        out.heading = heading_lines(group, glyphs({}), static_cast<int>(room / kCharWidth));
        for (const Line& line : out.heading) out.width = std::max(out.width, text_width(line));
    }
    const double top = static_cast<double>(out.heading.size()) * kLineHeight;
    for (int i = 0; i < drawn; ++i) {
        PlacedBox& box = out.boxes[static_cast<std::size_t>(i)];
        box.x = i % out.columns * (cell_width + kGap);
        box.y = top + i / out.columns * (cell_height + kGap);
        box.width = cell_width;
        box.height = cell_height;
    }
    out.height = top + rows * (cell_height + kGap) - kGap;
    if (group.is_folded) {
        out.width = std::max(out.width, cell_width + 2 * kBadge);
        out.height += 2 * kBadge;
    }
    return out;
}

// Groups from left to right in lines of out.room.
void flow(PlacedBox& out, double top) {
    double x = kPad, y = top, line = 0;
    out.width = out.height = 0;
    for (PlacedGroup& group : out.groups) {
        if (x > kPad && x + group.width > kPad + out.room + 0.5) {
            x = kPad;
            y += line + 2 * kGap;
            line = 0;
        }
        group.x = x;
        group.y = y;
        x += group.width + 2 * kGap;
        line = std::max(line, group.height);
        out.width = std::max(out.width, group.x + group.width + kPad);
    }
    out.height = y + line + kPad;
}

// In the width that makes the box nearest to kRatio, of those where a line ends after some group.
void flow_well(PlacedBox& out, double top) {
    constexpr std::size_t kTriesMax = 64;
    double widest = 0;
    for (const PlacedGroup& group : out.groups) widest = std::max(widest, group.width);
    double best_room = widest, best_cost = -1, room = -2 * kGap;
    for (std::size_t i = 0; i < std::min(out.groups.size(), kTriesMax); ++i) {
        room += out.groups[i].width + 2 * kGap;
        out.room = std::max(room, widest);
        flow(out, top);
        const double cost = std::abs(std::log(out.width / out.height / kRatio));
        if (best_cost < 0 || cost < best_cost) {
            best_cost = cost;
            best_room = out.room;
        }
    }
    out.room = best_room;
    flow(out, top);
}

// In a column beside what lies in the box.
void add_devices(PlacedBox& out, double top) {
    double width = 0;
    for (const Device* device : out.box->devices) {
        PlacedDevice placed;
        placed.device = device;
        placed.label = device_label(*device);
        width = std::max(width, text_width(text(placed.label)) + 2 * kPad);
        out.devices.push_back(std::move(placed));
    }
    double x = out.width, y = top;
    if (out.groups.empty()) x = kPad;
    const double rows_high = std::max(out.height - kPad, top + 4 * (kLineHeight + kGap));
    for (PlacedDevice& device : out.devices) {
        if (y > top && y + kLineHeight + 4 > rows_high) {
            x += width + kGap;
            y = top;
        }
        device.x = x;
        device.y = y;
        device.width = width;
        y += kLineHeight + 4 + kGap;
        out.height = std::max(out.height, y - kGap + kPad);
        out.width = std::max(out.width, x + width + kPad);
    }
    if (out.devices.empty()) return;
    out.width = std::max(out.width, x + width + kPad);
}

PlacedBox measured(const Box& box) {
    PlacedBox out;
    out.box = &box;
    if (box.kind == BoxKind::cpu) {
        out.width = kCellWidth;
        out.height = kCellHeight;
        return out;
    }
    for (const BoxGroup& group : box.groups) out.groups.push_back(measured(group, box.kind == BoxKind::core));
    double top = kPad + static_cast<double>(box.titles.size()) * kLineHeight;
    if (!box.titles.empty() && box.groups.empty()) top -= kPad / 2;
    out.height = top + kPad;
    if (!box.groups.empty()) flow_well(out, top);
    for (const Span& title : box.titles) out.width = std::max(out.width, text_width({title}) + 2 * kPad);
    add_devices(out, top);
    return out;
}

}  // namespace

PlacedBox place(const Picture& picture) {
    return measured(picture.root);
}

std::string device_label(const Device& device) {
    std::string name = clean(device.kind) + " " + clean(device.name.empty() ? device.address : device.name);
    constexpr std::size_t kLabelMax = 24;
    if (name.size() > kLabelMax) name = name.substr(0, kLabelMax - 2) + "..";
    return name;
}

}  // namespace torque
