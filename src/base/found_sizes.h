// Sizes that are declared, held against sizes that were found: which is which, and whether they are the same.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace torque {

// Within a third: by the ratio 4/3 either way. Both above 0.
bool is_as_declared(double declared, double found);

// Which of the found sizes each declared one is. Both ascend and are above 0. The sum of the distances is the
// smallest, by the ratio; what is eight times off is none.
std::vector<std::optional<std::size_t>> match_sizes(const std::vector<double>& declared,
                                                    const std::vector<double>& found);

}  // namespace torque
