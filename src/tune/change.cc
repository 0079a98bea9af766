#include "tune/change.h"

#include <algorithm>

namespace torque::tune {

int count(const ChangeRows& rows, ChangeState state) {
    return static_cast<int>(
        std::count_if(rows.begin(), rows.end(), [=](const ChangeRow& row) { return row.state == state; }));
}

}  // namespace torque::tune
