// render_table(): the CPUs of a machine, one a line, in columns that the user chooses.
#pragma once

#include <string>
#include <vector>

#include "torque/layout.h"
#include "torque/machine.h"
#include "torque/result.h"

namespace torque {

using Columns = std::vector<std::size_t>;  // which ones of those that table_columns_text() lists

// "cpu,core,node" in that order; empty: the usual ones, with those of a plan if there is one. Errors (usage):
// no such column.
Result<Columns> parse_table_columns(const std::string& text, bool has_plan);

// One line a column: its name and what it says.
std::string table_columns_text();

// A line of titles, then a line for each CPU, ascending. Entries have no space in them and are parted by
// spaces; what is not known is "-". Columns and their order are exactly those asked for.
std::string render_table(const Machine& machine, const Layout* layout, const Columns& columns);

}  // namespace torque
