#include "cli/measure_report.h"

namespace torque {

JsonText begin_measured(const char* kind, const std::string& source, const CpuSet& cpus) {
    JsonText out;
    out.begin_object(JsonText::Form::lines).member("schema", "torque.measure/1").member("what", kind);
    out.member("source", source).member("cpus", cpus);
    return out;
}

void write_disturbance(JsonText& out, const std::optional<measure::Disturbance>& disturbance) {
    if (!disturbance) {
        for (const char* name : {"reliable", "reason", "waiting", "steal"}) out.key(name).null();
        return;
    }
    const std::optional<std::string> reason = disturbance->reason();
    out.member("reliable", !reason).member("reason", reason);
    out.member("waiting", disturbance->waiting).member("steal", disturbance->steal);
}

void put_disturbance(Page& page, const measure::Disturbance& disturbance) {
    if (const auto reason = disturbance.reason()) {
        page.put_wrapped(text("not reliable: ", Tone::problem), text("  "), text(*reason));
    }
}

}  // namespace torque
