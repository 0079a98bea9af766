// The options of torque-topo measure.
#pragma once

#include <string>
#include <vector>

#include "cli/define_options.h"

namespace torque {

std::vector<OptionRow> measure_rows(Parsed& parsed);
std::string measure_footer();
Result<Command> taken_measure(const RawOptions& raw, MeasureOptions& measure);

}  // namespace torque
