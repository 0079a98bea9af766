// Reads results of measure cache and measure memory, and what all results share, for measured_json.cc.
#pragma once

#include <limits>
#include <optional>
#include <string>

#include "layout/json.h"
#include "torque/measured.h"

namespace torque {

// A number that is not negative, and at most `max`.
double measured_number(const JsonReader& json, double max = std::numeric_limits<double>::max());

// Absent where it is null or not there: see torque/measured.h.
std::optional<std::string> measured_fingerprint(const JsonReader& json);

MeasuredResult read_measured_result(const JsonReader& json, const std::string& name);

MeasuredCaches read_measured_caches(const JsonReader& json, const std::string& name);
MeasuredMemory read_measured_memory(const JsonReader& json, const std::string& name);

}  // namespace torque
