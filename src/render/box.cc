#include "render/box.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "render/compact.h"
#include "render/nest.h"
#include "render/picture.h"
#include "render/place.h"
#include "render/sections.h"

namespace torque {
namespace {

constexpr Room kRoom{220, 6};  // about what two screens hold
constexpr int kFrame = 4;      // columns that a frame takes: a line and a space on each side

// Corners and crossings of a grid, as rows of left, middle, right: top, between, bottom; then the two lines.
struct Rules {
    std::array<std::array<std::string_view, 3>, 3> joints;
    std::string_view across, down;
};
constexpr Rules kUnicodeRules = {{{{"┌", "┬", "┐"}, {"├", "┼", "┤"}, {"└", "┴", "┘"}}}, "─", "│"};
constexpr Rules kAsciiRules = {{{{"+", "+", "+"}, {"+", "+", "+"}, {"+", "+", "+"}}}, "-", "|"};

// Lines of one width.
struct Block {
    std::vector<Line> lines;
    int width = 0;
};

void pad(Line& line, int width) {
    const int missing = width - columns(line);
    if (missing > 0) line.push_back({std::string(static_cast<std::size_t>(missing), ' ')});
}

void append(Block& block, const std::vector<Line>& lines) {
    for (const Line& line : lines) {
        block.width = std::max(block.width, columns(line));
        block.lines.push_back(line);
    }
}

// Side by side, a column between them.
Block beside(const std::vector<Block>& blocks) {
    Block out;
    std::size_t height = 0;
    for (const Block& block : blocks) height = std::max(height, block.lines.size());
    out.lines.resize(height);
    for (const Block& block : blocks) {
        const int left = out.width + (out.width > 0 ? 1 : 0);
        for (std::size_t i = 0; i < std::min(height, block.lines.size()); ++i) {
            pad(out.lines[i], left);
            out.lines[i].insert(out.lines[i].end(), block.lines[i].begin(), block.lines[i].end());
        }
        out.width = left + block.width;
    }
    return out;
}

class Drawer {
  public:
    Drawer(const Picture& picture, const Glyphs& glyph, bool unicode)
        : picture_(picture), glyph_(glyph), rules_(unicode ? kUnicodeRules : kAsciiRules) {}

    // What lies in a box, without its frame.
    Block inside(const Box& box, int room) const {
        Block out;
        std::vector<const Box*> row;  // boxes without a heading
        for (const BoxGroup& group : box.groups) {
            if (group.heading.empty() && !is_of_cells(group)) {
                for (const Box& own : group.boxes) row.push_back(&own);
                continue;
            }
            append(out, boxes(row, room).lines);
            row.clear();
            append(out, heading_lines(group, glyph_, room));
            append(out, is_of_cells(group) ? cells(group, room).lines : boxes(drawn_of(group), room).lines);
        }
        append(out, boxes(row, room).lines);
        if (!box.devices.empty()) append(out, devices(box, room));
        return out;
    }

  private:
    static bool is_of_cells(const BoxGroup& group) {
        const BoxKind kind = group.boxes.front().kind;
        return kind == BoxKind::core || kind == BoxKind::cpu;
    }

    static std::vector<const Box*> drawn_of(const BoxGroup& group) {
        std::vector<const Box*> out;
        for (const Box& box : group.boxes) {
            out.push_back(&box);
            if (group.is_folded) break;
        }
        return out;
    }

    Line cell(const Box& box, int each) const {
        Line out;
        for (int cpu : box.cpus) {
            const CpuRole& role = picture_.roles.at(cpu);
            const std::string name = std::to_string(cpu), mark = mark_text(role);
            if (!out.empty()) out.push_back({" "});
            out.push_back({std::string(static_cast<std::size_t>(number_width_) - name.size(), ' ')});
            out.push_back({name + mark, role_row(role.planned).tone});
            const int missing = each - number_width_ - columns(mark);
            out.push_back({std::string(static_cast<std::size_t>(std::max(missing, 0)), ' ')});
        }
        return out;
    }

    int width_of_cpus(const BoxGroup& group) const {
        std::size_t mark = 0;
        for (const Box& box : group.boxes) {
            for (int cpu : box.cpus) mark = std::max(mark, mark_text(picture_.roles.at(cpu)).size());
        }
        return number_width_ + static_cast<int>(mark);
    }

    int cell_width(const BoxGroup& group) const {
        int most = 0;
        for (const Box& box : group.boxes) most = std::max(most, box.cpus.count());
        return most * (width_of_cpus(group) + 1) - 1;
    }

    // Columns of a grid of cells that looks well: a cell and its lines are three columns wider, two lines
    // high.
    int well_columns(const BoxGroup& group) const {
        const std::size_t drawn = group.is_folded ? 1 : group.boxes.size();
        constexpr double kCharactersHigh = 2.2, kRatio = 3;
        return grid_columns(drawn, cell_width(group) + 3, 2 * kCharactersHigh, kRatio);
    }

    Line rule(std::size_t row, int count, int width) const {
        std::string out;
        for (int i = 0; i < count; ++i) {
            out += rules_.joints[row][i == 0 ? 0 : 1];
            for (int k = 0; k < width + 2; ++k) out += rules_.across;
        }
        return text(out + std::string(rules_.joints[row][2]), Tone::faint);
    }

    // The cores, or CPUs of no known core, in one grid.
    Block cells(const BoxGroup& group, int room) const {
        const int width = cell_width(group), each = width_of_cpus(group);
        const int drawn = group.is_folded ? 1 : static_cast<int>(group.boxes.size());
        const int fit = std::clamp((room - 1) / (width + 3), 1, std::max(drawn, 1));
        const int count = std::min(fit, well_columns(group));
        Block out;
        for (int i = 0; i < drawn; i += count) {
            const int in_row = std::min(count, drawn - i);
            Line line;
            for (int k = 0; k < in_row; ++k) {
                line.push_back({std::string(rules_.down) + " ", Tone::faint});
                Line own = cell(group.boxes[static_cast<std::size_t>(i + k)], each);
                pad(own, width);
                line.insert(line.end(), own.begin(), own.end());
                line.push_back({" "});
            }
            line.push_back({std::string(rules_.down), Tone::faint});
            append(out, {rule(i == 0 ? 0 : 1, i == 0 ? in_row : count, width), line});
            const bool is_last = i + count >= drawn;
            if (is_last) append(out, {rule(2, in_row, width)});
        }
        return out;
    }

    // Columns in which a heading takes three lines at most.
    int well_heading(const BoxGroup& group) const {
        constexpr int kEndless = 1 << 20;
        int longest = 0, all = 0;
        for (const Line& part : heading_lines(group, glyph_, 1)) longest = std::max(longest, columns(part));
        for (const Line& line : heading_lines(group, glyph_, kEndless)) all += columns(line);
        return std::max(longest, all * 2 / 5);
    }

    // Columns in which a box looks well.
    int well_width(const Box& box) const {
        int out = 0;
        for (const BoxGroup& group : box.groups) {
            if (is_of_cells(group)) {
                out = std::max(out, well_columns(group) * (cell_width(group) + 3) + 1);
            } else {
                out = std::max(out, well_width(group.boxes.front()));
            }
            out = std::max(out, well_heading(group));
        }
        return std::max(out + kFrame, columns(title_of(box)) + kFrame + 2);
    }

    Line title_of(const Box& box) const { return joined(box.titles, glyph_); }

    // As many in a row as look well.
    Block boxes(const std::vector<const Box*>& all, int room) const {
        Block out;
        if (all.empty()) return out;
        const int drawn = static_cast<int>(all.size());
        int well = 1;
        for (const Box* box : all) well = std::max(well, well_width(*box));
        int count = std::clamp((room + 1) / (well + 1), 1, drawn);
        const int lines = (drawn + count - 1) / count;
        count = (drawn + lines - 1) / lines;
        const int each = (room + 1) / count - 1;
        for (int i = 0; i < drawn; i += count) {
            std::vector<Block> row;
            for (int k = i; k < std::min(drawn, i + count); ++k)
                row.push_back(framed(*all[static_cast<std::size_t>(k)], each, drawn > count ? well : 0));
            append(out, beside(row).lines);
        }
        return out;
    }

    // At least `least` columns wide, that those below each other be in line.
    Block framed(const Box& box, int room, int least) const {
        const Block content = inside(box, std::max(room - kFrame, 1));
        Line title = title_of(box);
        const bool is_in_frame = columns(title) + kFrame <= room;
        Block out;
        out.width = std::max(content.width + kFrame, std::min(least, room));
        if (is_in_frame && !title.empty()) out.width = std::max(out.width, columns(title) + kFrame);
        std::vector<Line> lines;
        if (!is_in_frame) lines = wrap(title, std::max(room - kFrame, 1));
        lines.insert(lines.end(), content.lines.begin(), content.lines.end());
        for (const Line& line : lines) out.width = std::max(out.width, columns(line) + kFrame);
        out.lines.push_back(border(0, is_in_frame ? title : Line{}, out.width));
        for (Line& line : lines) {
            pad(line, out.width - kFrame);
            line.insert(line.begin(), {std::string(rules_.down) + " ", Tone::faint});
            line.push_back({" " + std::string(rules_.down), Tone::faint});
            out.lines.push_back(std::move(line));
        }
        out.lines.push_back(border(2, {}, out.width));
        return out;
    }

    Line border(std::size_t row, const Line& title, int width) const {
        Line out = text(std::string(rules_.joints[row][0]), Tone::faint);
        if (!title.empty()) {
            out.push_back({" "});
            out.insert(out.end(), title.begin(), title.end());
            out.push_back({" "});
        }
        std::string rest;
        for (int i = columns(out); i < width - 1; ++i) rest += rules_.across;
        out.push_back({rest + std::string(rules_.joints[row][2]), Tone::faint});
        return out;
    }

    std::vector<Line> devices(const Box& box, int room) const {
        Line line = text(box.kind == BoxKind::machine ? "of no known node:" : "near:", Tone::faint);
        for (std::size_t i = 0; i < box.devices.size(); ++i) {
            const bool is_last = i + 1 == box.devices.size();
            line.push_back({" " + device_label(*box.devices[i]) + (is_last ? "" : ","), Tone::notice});
        }
        return wrap(line, room);
    }

    const Picture& picture_;
    const Glyphs& glyph_;
    const Rules& rules_;
    int number_width_ =
        picture_.roles.empty() ? 1 : static_cast<int>(std::to_string(picture_.roles.rbegin()->first).size());
};

void put_legend(Page& page, const Picture& picture) {
    const auto used = roles_in_use(picture.roles);
    if (used.empty() || (used.size() == 1 && used.front().first == Role::ordinary)) return;
    std::vector<std::vector<Line>> rows;
    for (const auto& [role, cpus] : used) {
        const RoleRow& row = role_row(role);
        const int first = cpus.first();  // as it is drawn
        std::string list = list_text(cpus, page.glyph, page.width / 3);
        if (columns(list) > page.width / 2) list.clear();
        rows.push_back({text(std::to_string(first) + mark_text(picture.roles.at(first)), row.tone),
                        text(row.name), text(count_text(cpus.count(), "CPU")), text(std::move(list)),
                        text(row.what, Tone::faint)});
    }
    page.section("Legend");
    put_table(page, {{"", true}, {""}, {"", true}, {"", false, true}, {"", false, true}}, rows);
}

}  // namespace

std::string render_box(const Machine& machine, const Layout* layout, const TreeStyle& style) {
    Page page(style);
    const Picture drawn = picture(machine, layout, page.glyph, kRoom);
    put_header(page, machine);
    page.put({});
    const Drawer drawer(drawn, page.glyph, style.unicode);
    for (const Line& line : drawer.inside(drawn.root, page.width).lines) page.put(line);
    put_aside(page, drawn.nesting);
    put_legend(page, drawn);
    put_nodes(page, machine);
    return std::move(page.out);
}

}  // namespace torque
