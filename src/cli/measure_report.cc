#include "cli/measure_report.h"
#include "base/format.h"

namespace torque {

JsonText begin_measured(const char* kind, const std::string& source, const CpuSet& cpus,
                        const std::optional<std::string>& fingerprint) {
    JsonText out;
    out.begin_object(JsonText::Form::lines).member("schema", "torque.measure/1").member("what", kind);
    out.member("source", source).member("cpus", cpus).member("fingerprint", fingerprint);
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

std::string time_text(double ns, const TreeStyle& style) {
    struct Unit {
        double ns;
        const char *name, *ascii;
    };
    constexpr Unit kUnits[] = {{1e9, "s", "s"}, {1e6, "ms", "ms"}, {1e3, "µs", "us"}, {1, "ns", "ns"}};
    const Unit* unit = kUnits;
    // 999.6 of one unit would be printed as 1000.
    while (unit->ns > 1 && ns < 0.9995 * unit->ns) ++unit;
    const double value = ns / unit->ns;
    const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    return formatted("{:.{}f} {}", value, decimals, style.unicode ? unit->name : unit->ascii);
}

}  // namespace torque
