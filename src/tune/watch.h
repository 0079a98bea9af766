// What has changed between two looks at a machine, for torque-topo watch.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "torque/layout.h"
#include "tune/check.h"

namespace torque::tune {

// Rows of `after` that are news: of another status than in `before`, still drifting but with something else
// found, or drifting and new. What merely passes by, such as which threads there are, is no news while the
// status stays. Rows that could not be checked are news where they were ok before.
std::vector<CheckRow> news(const CheckReport& before, const CheckReport& after);

// A drift for which another plan is a way out: the row's mend, with the command that keeps as many workers
// where they are as can be. Otherwise the row's mend. layout_path: as --layout names it.
std::string mend_or_plan(const CheckRow& row, const Layout& layout, std::string_view layout_path);

// The files whose writing changes what check finds: the layout's own, and those of the cpuset that
// `cpuset_file` (absolute; may be empty) belongs to and of all above it. Absolute paths, of /sys and /proc.
std::vector<std::string> files_to_watch(const Layout& layout, std::string_view cpuset_file);

}  // namespace torque::tune
