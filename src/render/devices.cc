#include <algorithm>
#include <string>
#include <vector>

#include "render/compact.h"
#include "render/sections.h"

namespace torque {
namespace {

struct DeviceRow {
    std::string kind, where, queues, speed, driver, model;
    std::vector<std::string> names;
    bool operator==(const DeviceRow&) const = default;
};

std::string link_speed_text(int speed) {
    if (speed % 1000 == 0) return std::to_string(speed / 1000) + " Gb/s";
    if (speed > 1000 && speed % 100 == 0) {
        return std::to_string(speed / 1000) + "." + std::to_string(speed % 1000 / 100) + " Gb/s";
    }
    return std::to_string(speed) + " Mb/s";
}

// Links of half a duplex are misconfigured today; the others need no word.
std::string speed_text(const Device& device) {
    if (device.memory_bytes) return size_text(*device.memory_bytes);
    if (device.state == "down") return "down";
    const std::string duplex = device.duplex == "half" ? "half duplex" : "";
    if (!device.speed_mbps) return duplex;
    return link_speed_text(*device.speed_mbps) + (duplex.empty() ? "" : ", ") + duplex;
}

DeviceRow row_of(const Device& device) {
    DeviceRow row;
    row.kind = clean(device.kind);
    if (device.node) row.where = "node " + std::to_string(device.node->value);
    if (device.queues) row.queues = std::to_string(*device.queues);
    row.speed = speed_text(device);
    row.driver = clean(device.driver.value_or(""));
    row.model = clean(device.model.value_or(""));
    const std::string vendor = clean(device.vendor.value_or(""));
    if (row.model.empty() || row.kind != "nvme") {
        row.model = vendor + (vendor.empty() || row.model.empty() ? "" : " ") + row.model;
    }
    row.names.push_back(clean(device.name.empty() ? device.address : device.name));
    return row;
}

// "eth0", "eth0 eth1", "sda sdb … sdz (26)".
std::string names_text(const std::vector<std::string>& names, const Glyphs& glyph) {
    constexpr std::size_t kShownMax = 4;
    std::string out;
    const bool is_cut = names.size() > kShownMax;
    for (std::size_t i = 0; i < (is_cut ? 2 : names.size()); ++i) out += (i == 0 ? "" : " ") + names[i];
    if (is_cut) {
        out += " " + std::string(glyph.ellipsis) + " " + names.back() + " (" + std::to_string(names.size()) +
               ")";
    }
    return out;
}

bool is_same_but_for_names(const DeviceRow& a, DeviceRow b) {
    b.names = a.names;
    return a == b;
}

}  // namespace

void put_devices(Page& page, const Machine& machine) {
    constexpr std::size_t kRowsMax = 16;
    std::vector<DeviceRow> rows;
    for (const Device& device : machine.devices) {
        DeviceRow own = row_of(device);
        const auto same = [&](const DeviceRow& row) { return is_same_but_for_names(own, row); };
        const auto found = std::find_if(rows.begin(), rows.end(), same);
        if (found == rows.end()) {
            rows.push_back(std::move(own));
        } else {
            found->names.push_back(own.names[0]);
        }
    }
    if (rows.empty()) return;
    // The network first, and disks that are no NVMe last: in the order in which people plan with them.
    static constexpr const char* kOrder[] = {"network", "infiniband", "gpu", "accelerator", "nvme"};
    const auto rank = [](const DeviceRow& row) {
        return std::find(std::begin(kOrder), std::end(kOrder), row.kind) - std::begin(kOrder);
    };
    std::stable_sort(rows.begin(), rows.end(),
                     [&](const DeviceRow& a, const DeviceRow& b) { return rank(a) < rank(b); });
    std::vector<std::vector<Line>> table;
    for (std::size_t i = 0; i < std::min(rows.size(), kRowsMax); ++i) {
        const DeviceRow& row = rows[i];
        table.push_back({text(row.kind), text(names_text(row.names, page.glyph)), text(row.where),
                         text(row.queues), text(row.speed), text(row.driver), text(row.model)});
    }
    page.section("Devices");
    put_table(page,
              {{""},
               {"", false, true},
               {"near"},
               {"queues", true},
               {"speed, memory", true},
               {"driver", false, false, true},
               {"what", false, true, true}},
              table);
    if (rows.size() > kRowsMax) {
        page.put(text("  and " + std::to_string(rows.size() - kRowsMax) + " kinds more", Tone::faint));
    }
}

}  // namespace torque
