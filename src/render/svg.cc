#include "render/svg.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "render/assets.h"
#include "render/compact.h"
#include "render/facts.h"
#include "render/markup.h"
#include "render/place.h"
#include "render/sections.h"

namespace torque {
namespace {

constexpr Room kRoom{160, 2};  // a box around others takes as much as two CPUs, with its titles
constexpr double kMargin = 12;

const Glyphs& unicode() {
    return glyphs({});
}

std::string number(double value) {
    return std::to_string(std::lround(value));
}

std::string rect(double x, double y, double width, double height, const char* more = "rx=\"3\"") {
    return "<rect x=\"" + number(x) + "\" y=\"" + number(y) + "\" width=\"" + number(width) + "\" height=\"" +
           number(height) + "\" " + more + "/>";
}

std::string text_at(double x, double y, const Line& line, const char* group_class = "") {
    std::string out = "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\"";
    if (*group_class != '\0') out += std::string(" class=\"") + group_class + "\"";
    out += ">";
    for (const Span& span : line) {
        const std::string tone = tone_class(span.tone);
        if (tone.empty()) {
            out += markup(span.text);
        } else {
            out += "<tspan class=\"" + tone + "\">" + markup(span.text) + "</tspan>";
        }
    }
    return out + "</text>\n";
}

class Writer {
  public:
    Writer(const Machine& machine, const Picture& picture) : picture_(picture), facts_(machine, picture) {}

    std::string out;

    void put(const PlacedBox& placed, double left, double top) {
        const Box& box = *placed.box;
        const double x = left + placed.x, y = top + placed.y;
        if (box.kind == BoxKind::cpu) {
            put_cpu(box, x, y, placed.width, placed.height);
            return;
        }
        out += std::string("<g class=\"box k-") + kind_class(box.kind) + "\">" + title(box);
        if (box.kind != BoxKind::machine) out += rect(x, y, placed.width, placed.height) + "\n";
        double baseline = y + kPad + 8;
        for (const Span& span : box.titles) {
            out += text_at(x + kPad, baseline, {span});
            baseline += kLineHeight;
        }
        for (const PlacedGroup& group : placed.groups) put(group, x, y);
        if (box.kind == BoxKind::machine && !placed.devices.empty())
            out += text_at(x + placed.devices[0].x, y + placed.devices[0].y - 4,
                           text("of no known node", Tone::faint));
        for (const PlacedDevice& device : placed.devices) put(device, x, y);
        out += "</g>\n";
    }

  private:
    std::string title(const Box& box) const {
        std::string words = facts_.name_of(box);
        for (const Fact& fact : facts_.of(box)) words += "\n" + fact.name + ": " + fact.value;
        std::string safe;
        for (std::string_view rest = words; !rest.empty();) {
            safe += (safe.empty() ? "" : "\n") + markup(rest.substr(0, rest.find('\n')));
            rest.remove_prefix(std::min(rest.find('\n'), rest.size() - 1) + 1);
        }
        return "<title>" + safe + "</title>";
    }

    void put(const PlacedGroup& placed, double left, double top) {
        const double x = left + placed.x, y = top + placed.y;
        double baseline = y + 11;
        for (const Line& line : placed.heading) {
            out += text_at(x, baseline, line);
            baseline += kLineHeight;
        }
        for (const PlacedBox& box : placed.boxes) {
            if (placed.group->is_folded) {
                for (int card = 2; card > 0; --card) {
                    out += rect(x + box.x + card * kBadge, y + box.y + card * kBadge, box.width, box.height,
                                "class=\"card\" rx=\"3\"");
                }
            }
            put(box, x, y);
        }
    }

    void put(const PlacedDevice& placed, double left, double top) {
        const double x = left + placed.x, y = top + placed.y;
        std::string words = device_label(*placed.device);
        for (const Fact& fact : facts_.of(*placed.device)) words += ", " + fact.name + ": " + fact.value;
        out += "<g class=\"device\"><title>" + markup(words) + "</title>" +
               rect(x, y, placed.width, kLineHeight + 4, "rx=\"8\"") +
               text_at(x + kPad, y + 14, text(placed.label)) + "</g>\n";
    }

    void put_cpu(const Box& box, double x, double y, double width, double height) {
        const int cpu = box.cpus.first();
        const CpuRole& role = picture_.roles.at(cpu);
        const std::string mark = mark_text(role);
        out +=
            "<g class=\"cpu r-" + class_name(role.planned) + "\">" + title(box) + rect(x, y, width, height);
        const double middle = x + width / 2;
        out += text_at(middle, y + height / 2 + (mark.empty() ? 4 : -1), text(std::to_string(cpu)));
        if (!mark.empty()) out += text_at(middle, y + height - 4, text(mark), "mark");
        out += "</g>\n";
    }

    const Picture& picture_;
    FactBook facts_;
};

bool has_folds(const Box& box) {
    return std::any_of(box.groups.begin(), box.groups.end(), [](const BoxGroup& group) {
        return group.is_folded || has_folds(group.boxes.front());
    });
}

// Each role that occurs, as a cell with its mark, a name and the CPUs. Gives the height.
double put_legend(const Picture& picture, double x, double y, std::string& out) {
    const double top = y;
    for (const auto& [role, cpus] : roles_in_use(picture.roles)) {
        const RoleRow& row = role_row(role);
        if (role == Role::ordinary && !picture.has_plan && roles_in_use(picture.roles).size() == 1) continue;
        out += "<g class=\"cpu r-" + class_name(role) + "\">" + rect(x, y, kCellWidth, kLineHeight + 2) +
               text_at(x + kCellWidth / 2, y + 13, text(row.mark)) + "</g>\n";
        Line line{{row.name, Tone::strong}, {": " + counted_cpus(cpus) + ", "}, {row.what, Tone::faint}};
        out += text_at(x + kCellWidth + kGap, y + 13, line);
        y += kLineHeight + 2 + 4;
    }
    if (has_folds(picture.root)) {
        for (int card = 2; card >= 0; --card)
            out +=
                rect(x + card * 3, y + card * 3, kCellWidth - 6, kLineHeight - 4, "class=\"card\" rx=\"3\"");
        out +=
            text_at(x + kCellWidth + kGap, y + 13,
                    {{"folded", Tone::strong}, {": like parts, of which the first is drawn", Tone::faint}});
        y += kLineHeight + 2 + 4;
    }
    return y - top;
}

struct Size {
    double width = 0, height = 0;
};

// The NUMA distances as a heat map with numbers; nothing for fewer than two nodes.
Size put_distances(const Machine& machine, double x, double y, std::string& out) {
    constexpr std::size_t kNodesMax = 16;
    constexpr double kWidth = 34, kHeight = 20;
    if (!machine.distances) return {};
    const Distances& distances = *machine.distances;
    const std::size_t count = std::min(distances.nodes.size(), distances.matrix.size());
    if (count < 2 || count > kNodesMax) return {};
    int most = 11;
    for (const auto& row : distances.matrix) {
        for (int distance : row) most = std::max(most, distance);
    }
    out += "<g class=\"heat\">" +
           text_at(x, y + 11,
                   {{"NUMA distance", Tone::strong},
                    {" from CPUs of a node to memory of a node (10 is local)", Tone::faint}});
    y += kLineHeight + 4;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string id = std::to_string(distances.nodes[i].value);
        out += text_at(x + 62 + static_cast<double>(i) * kWidth, y + 12, text("to " + id, Tone::faint));
        out += text_at(x, y + 16 + 14 + static_cast<double>(i) * kHeight, text("node " + id, Tone::faint));
        for (std::size_t k = 0; k < std::min(count, distances.matrix[i].size()); ++k) {
            const int distance = distances.matrix[i][k];
            const double left = x + 60 + static_cast<double>(k) * kWidth;
            const double at = y + 18 + static_cast<double>(i) * kHeight;
            const auto percent =
                std::clamp<std::int64_t>((std::int64_t{distance} - 10) * 55 / (most - 10), 0, 55);
            const std::string heat =
                "fill-opacity=\"." + std::string(percent < 10 ? "0" : "") + std::to_string(percent) + "\"";
            out += rect(left, at, kWidth - 2, kHeight - 2, heat.c_str());
            out += text_at(left + 6, at + 13, text(std::to_string(distance)));
        }
    }
    out += "</g>\n";
    return {60 + static_cast<double>(count) * kWidth,
            kLineHeight + 24 + static_cast<double>(count) * kHeight};
}

}  // namespace

std::string render_svg(const Machine& machine, const Layout* layout) {
    const Picture drawn = picture(machine, layout, unicode(), kRoom);
    const PlacedBox placed = place(drawn);
    Writer writer(machine, drawn);
    double y = kMargin + 14, width = placed.width;
    bool is_first = true;
    const std::vector<std::string> header = header_lines(machine);
    for (const std::string& line : header) {
        writer.out +=
            text_at(kMargin, y, text(line, is_first ? Tone::plain : Tone::faint), is_first ? "head" : "");
        width = std::max(width, columns(line) * (is_first ? 9.6 : 6.6));
        y += is_first ? 20 : kLineHeight;
        is_first = false;
    }
    const std::size_t before_legend = writer.out.size();
    y += put_legend(drawn, kMargin, y, writer.out);
    if (writer.out.size() != before_legend) width = std::max(width, 620.0);
    writer.put(placed, kMargin - kPad, y);
    y += placed.height + kGap;
    const Size heat = put_distances(machine, kMargin, y, writer.out);
    y += heat.height;
    if (heat.width > 0) width = std::max({width, heat.width, 440.0});
    width += 2 * kMargin;
    y += kMargin;
    const std::string size = "width=\"" + number(width) + "\" height=\"" + number(y) + "\"";
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
           "<svg xmlns=\"http://www.w3.org/2000/svg\" " +
           size + " viewBox=\"0 0 " + number(width) + " " + number(y) + "\" role=\"img\">\n<title>" +
           markup(header.empty() ? "machine" : header.front()) + "</title>\n<style>\n" +
           std::string(assets::drawing_css) + "</style>\n" + rect(0, 0, width, y, "class=\"paper\"") + "\n" +
           writer.out + "</svg>\n";
}

}  // namespace torque
