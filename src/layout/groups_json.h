// The JSON of scheduling groups, which stands in documents of machines and of layouts.
#pragma once

#include <vector>

#include "layout/json.h"
#include "layout/json_text.h"
#include "torque/groups.h"

namespace torque {

void write_groups(JsonText& out, const std::vector<SchedulingLevel>& levels);  // the member "groups"
std::vector<SchedulingLevel> groups_from_json(const JsonReader& json);         // its content

}  // namespace torque
