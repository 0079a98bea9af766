#include "render/html.h"

#include <algorithm>
#include <cmath>

#include "render/assets.h"
#include "render/compact.h"
#include "render/facts.h"
#include "render/html_sections.h"
#include "render/markup.h"
#include "render/place.h"
#include "render/sections.h"

namespace torque {
namespace {

const Glyphs& unicode() {
    return glyphs({});
}

// "worker 3", "sibling".
std::string plan_text(const CpuRole& role) {
    if (role.workers.empty()) return role_row(role.planned).name;
    std::string out;
    for (int worker : role.workers) out += (out.empty() ? "worker " : " and ") + std::to_string(worker);
    return out;
}

constexpr double kFoldMark = 12;  // pixels before a heading that folds

// The length in widths of the letter m, with slack, as fonts differ.
std::string ems(double pixels) {
    constexpr double kSlack = 1.08, kFontPixels = 12;
    return std::to_string(std::lround(std::ceil(pixels * kSlack / kFontPixels)));
}

// Texts once each, as the facts of like CPUs say the same many times.
class Texts {
  public:
    int add(const std::string& text) {
        const auto [found, is_new] = index_.emplace(text, static_cast<int>(index_.size()));
        if (is_new) json += (json.empty() ? "" : ",\n") + script_string(text);
        return found->second;
    }
    std::string json;

  private:
    std::map<std::string, int> index_;
};

class Tree {
  public:
    Tree(const Machine& machine, const Picture& picture)
        : machine_(machine), picture_(picture), facts_(machine, picture) {}

    std::string html;

    void put(const Box& box, const PlacedBox& placed) {
        if (box.kind == BoxKind::cpu) {
            put_cpu(box);
            return;
        }
        const std::string id = next_id("b");
        const bool is_root = box.kind == BoxKind::machine;
        html += std::string("<div class=\"box k-") + kind_class(box.kind) +
                "\" role=\"treeitem\" tabindex=\"" + (is_root ? "0" : "-1") + "\" id=\"" + id +
                "\" aria-label=\"" + markup(facts_.name_of(box)) + "\">";
        for (const Span& title : box.titles)
            html += std::string("<div class=\"t ") + tone_class(title.tone) + "\">" + markup(title.text) +
                    "</div>";
        html += "<div role=\"group\" class=\"in\">";
        html += "<div class=\"flow\" style=\"--w:" + ems(placed.room * 1.05) + "\">\n";
        for (std::size_t i = 0; i < box.groups.size(); ++i) put(box, box.groups[i], placed.groups[i]);
        html += "</div>";
        if (!box.devices.empty()) put_devices(box.devices, is_root ? "of no known node" : "");
        html += "</div></div>\n";
        note(id, facts_.name_of(box), facts_.of(box));
    }

    // {"texts": [...], "of": {"b1": [name, [[fact, value, source], ...]], ...}}
    std::string facts_json() const { return "{\"texts\":[" + texts_.json + "],\n\"of\":{" + of_ + "}}"; }

  private:
    std::string next_id(const char* prefix) { return prefix + std::to_string(next_++); }

    void note(const std::string& id, const std::string& name, const std::vector<Fact>& facts) {
        of_ += (of_.empty() ? "\"" : ",\n\"") + id + "\":[" + std::to_string(texts_.add(name)) + ",[";
        bool is_first = true;
        for (const Fact& fact : facts) {
            auto found = sources_.find(fact.source);
            if (found == sources_.end()) {
                const std::string text = fact.source.empty() ? "" : source_text(machine_, fact.source);
                found = sources_.emplace(fact.source, texts_.add(text)).first;
            }
            of_ += (is_first ? "[" : ",[") + std::to_string(texts_.add(fact.name)) + "," +
                   std::to_string(texts_.add(fact.value)) + "," + std::to_string(found->second) + "]";
            is_first = false;
        }
        of_ += "]]";
    }

    void put(const Box& parent, const BoxGroup& group, const PlacedGroup& placed) {
        const bool folds = group.boxes.size() > 1 && parent.kind != BoxKind::core;
        html += std::string("<div class=\"like") + (group.is_folded ? " folded" : "") +
                "\" style=\"--m:" + ems(placed.width + kFoldMark) + "\">";
        if (!group.heading.empty()) put_heading(group, folds);
        html += "<div class=\"grid\" style=\"--c:" + std::to_string(placed.columns) + "\">\n";
        for (std::size_t i = 0; i < group.boxes.size(); ++i)
            put(group.boxes[i], placed.boxes[std::min(i, placed.boxes.size() - 1)]);
        html += "</div></div>\n";
    }

    void put_heading(const BoxGroup& group, bool folds) {
        std::string words;
        for (const Span& part : group.heading) {
            if (!words.empty()) words += " <span class=\"faint\">·</span> ";
            words += std::string("<span class=\"part ") + tone_class(part.tone) + "\">" + markup(part.text) +
                     "</span>";
        }
        if (!folds) {
            html += "<div class=\"h\">" + words + "</div>";
            return;
        }
        CpuSet cpus;
        for (const Box& box : group.boxes) cpus |= box.cpus;
        if (!cpus.empty())
            words += " <span class=\"all\">· CPUs " + markup(list_text(cpus, unicode())) + "</span>";
        html += std::string("<div class=\"h fold\" role=\"treeitem\" tabindex=\"-1\" aria-expanded=\"") +
                (group.is_folded ? "false" : "true") + "\">" + words + "</div>";
    }

    void put_devices(const std::vector<const Device*>& devices, const std::string& about) {
        html += "<div class=\"devices\">";
        if (!about.empty()) html += "<div class=\"faint\">" + about + "</div>";
        for (const Device* device : devices) {
            const std::string id = next_id("d"), label = device_label(*device);
            html += "<div class=\"device\" role=\"treeitem\" tabindex=\"-1\" id=\"" + id + "\">" +
                    markup(label) + "</div>";
            note(id, label, facts_.of(*device));
        }
        html += "</div>";
    }

    void put_cpu(const Box& box) {
        const int cpu = box.cpus.first();
        const CpuRole& role = picture_.roles.at(cpu);
        const std::string id = "cpu" + std::to_string(cpu), name = facts_.name_of(box);
        html += "<div class=\"cpu r-" + class_name(role.now);
        if (picture_.has_plan) html += " p-" + class_name(role.planned);
        html += "\" role=\"treeitem\" tabindex=\"-1\" id=\"" + id + "\" aria-label=\"" + markup(name) + "\"";
        if (picture_.has_plan) html += " data-plan=\"" + plan_text(role) + "\"";
        html += "><b>" + std::to_string(cpu) + "</b>";
        const std::string now = role_row(role.now).mark;
        if (!now.empty()) html += "<i class=\"now\">" + now + "</i>";
        if (picture_.has_plan) html += "<i class=\"plan\">" + mark_text(role) + "</i>";
        html += "</div>";
        note(id, name, facts_.of(box));
    }

    const Machine& machine_;
    const Picture& picture_;
    FactBook facts_;
    Texts texts_;
    std::map<std::string, int> sources_;
    std::string of_;
    int next_ = 0;
};

std::string legend(const Picture& planned, const Picture& now) {
    const auto put = [](const Picture& picture, const char* list_class, const char* prefix) {
        std::string out = std::string("<ul class=\"legend ") + list_class + "\" aria-label=\"Legend\">\n";
        const auto used = roles_in_use(picture.roles);
        if (used.size() == 1 && used.front().first == Role::ordinary) return std::string{};
        for (const auto& [role, cpus] : used) {
            const RoleRow& row = role_row(role);
            out += std::string("<li><span class=\"cpu ") + prefix + class_name(role) + "\"><b>" + row.mark +
                   "</b></span> <strong>" + row.name + "</strong> " +
                   markup(counted_cpus(cpus) + ": " + row.what) + "</li>\n";
        }
        return out + "</ul>\n";
    };
    return (planned.has_plan ? put(planned, "plan", "p-") : "") + put(now, "now", "r-");
}

std::string toolbar(bool has_plan) {
    std::string out =
        "<div class=\"bar\" role=\"toolbar\" aria-label=\"Picture\">\n"
        "<button type=\"button\" id=\"smaller\" aria-label=\"Zoom out\">−</button>"
        "<output id=\"zoom\">100 %</output>"
        "<button type=\"button\" id=\"larger\" aria-label=\"Zoom in\">+</button>"
        "<button type=\"button\" id=\"fit\">Fit</button>\n"
        "<button type=\"button\" id=\"unfold\">Unfold all</button>"
        "<button type=\"button\" id=\"fold\">Fold like parts</button>\n";
    if (has_plan) out += "<label><input type=\"checkbox\" id=\"overlay\" checked> Show the plan</label>\n";
    return out +
           "<label>Go to CPU <input id=\"find\" inputmode=\"numeric\" size=\"5\" "
           "autocomplete=\"off\"></label>\n"
           "<button type=\"button\" id=\"theme\">Theme: system</button>\n</div>\n";
}

}  // namespace

std::string render_html(const Machine& machine, const Layout* layout, const MeasuredCores* measured) {
    const Picture drawn = picture(machine, layout, unicode(), {});
    Picture now;
    now.roles = cpu_roles(machine, nullptr);
    Tree tree(machine, drawn);
    tree.put(drawn.root, place(drawn));
    const std::vector<std::string> header = header_lines(machine);
    const std::string name = markup(header.empty() ? "machine" : header.front());
    std::string out =
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'; "
        "script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<link rel=\"icon\" href=\"data:,\">\n<title>" +
        name + "</title>\n<style>\n";
    out += assets::page_css;
    out += std::string("</style>\n</head>\n<body") + (layout != nullptr ? " class=\"planned\"" : "") +
           ">\n<header>\n<h1>" + name + "</h1>\n";
    for (std::size_t i = 1; i < header.size(); ++i) out += "<p>" + markup(header[i]) + "</p>\n";
    out += "</header>\n" + toolbar(layout != nullptr) + legend(drawn, now);
    out +=
        "<noscript><p class=\"notice\">Without scripts the picture neither unfolds nor tells the facts of "
        "its "
        "parts; the tables below do.</p></noscript>\n";
    out += "<main>\n<div class=\"both\">\n<div id=\"view\"><div id=\"tree\" role=\"tree\" aria-label=\"" +
           name + "\">\n" + tree.html +
           "</div></div>\n"
           "<aside id=\"details\" aria-label=\"Facts\"><div aria-live=\"polite\"><h2 id=\"what\">Facts</h2>"
           "<p id=\"hint\">Point at a part, or reach it with the arrow keys: what is known of it, and from "
           "where, "
           "is told here. Enter folds and unfolds, + and − zoom.</p><dl "
           "id=\"facts\"></dl></div></aside>\n</div>\n";
    out += html_findings(machine) + html_distances(machine) +
           (measured != nullptr ? html_latencies(*measured) : "") + html_devices(machine) +
           html_types(machine) + html_tlbs(machine) + html_host(machine) + html_sources(machine);
    out += "</main>\n<script type=\"application/json\" id=\"data\">" + tree.facts_json() +
           "</script>\n<script>\n";
    out += assets::page_js;
    return out + "</script>\n</body>\n</html>\n";
}

}  // namespace torque
