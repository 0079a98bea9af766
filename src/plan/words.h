// Small words for the sentences of a plan.
#pragma once

#include <string>
#include <string_view>

namespace torque::planning {

// "1 core", "3 cores".
inline std::string counted(int count, std::string_view thing) {
    return std::to_string(count) + ' ' + std::string(thing) + (count == 1 ? "" : "s");
}

}  // namespace torque::planning
