// MeasureReport: what a kind of measurement has found, and what the reports of all kinds share.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "layout/json_text.h"
#include "measure/disturbance.h"
#include "render/figure.h"
#include "render/text.h"

namespace torque {

// One function for each way to print it; each may be called more than once.
struct MeasureReport {
    std::function<std::string()> json;  // a torque.measure/1 document
    std::function<std::string(const TreeStyle&)> text;
    std::function<std::vector<Figure>()> figures;
    bool is_drawn_in_text = false;  // already: figures are for svg and html alone
};

// Begins a document with what all have; members follow, and end(). `fingerprint`: of the machine; absent
// where a file says what was measured elsewhere.
JsonText begin_measured(const char* kind, const std::string& source, const CpuSet& cpus,
                        const std::optional<std::string>& fingerprint);
// "reliable", "reason", "waiting" and "steal"; null where nothing was measured here.
void write_disturbance(JsonText& out, const std::optional<measure::Disturbance>& disturbance);
// A line where it is not to be relied upon, nothing else.
void put_disturbance(Page& page, const measure::Disturbance& disturbance);

// "35.2 ns", "1.20 µs", "10.0 s": three digits.
std::string time_text(double ns, const TreeStyle& style);

}  // namespace torque
