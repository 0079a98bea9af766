// place(): where everything of a Picture lies: the one layout of the drawings in svg and html.
//
// From the inside out: a CPU is a cell of fixed size, like boxes form a grid, and grids and devices flow in
// lines. Positions are relative to the box around. Lengths are in pixels of an unscaled drawing.
#pragma once

#include <string>
#include <vector>

#include "render/picture.h"

namespace torque {

constexpr double kCellWidth = 36, kCellHeight = 30, kGap = 6, kPad = 8, kLineHeight = 16;
constexpr double kBadge = 4;  // by how much the cards behind a folded box stick out

struct PlacedGroup;

struct PlacedDevice {
    const Device* device = nullptr;
    double x = 0, y = 0, width = 0;
    std::string label;
};

struct PlacedBox {
    const Box* box = nullptr;
    double x = 0, y = 0, width = 0, height = 0;
    double room = 0;  // width that the groups flow in
    std::vector<PlacedGroup> groups;
    std::vector<PlacedDevice> devices;
};

struct PlacedGroup {
    const BoxGroup* group = nullptr;
    double x = 0, y = 0, width = 0, height = 0;
    int columns = 1;  // of the grid, unfolded
    std::vector<Line> heading;
    std::vector<PlacedBox> boxes;  // one if folded
};

PlacedBox place(const Picture& picture);

// "eth0", else the address.
std::string device_label(const Device& device);

}  // namespace torque
