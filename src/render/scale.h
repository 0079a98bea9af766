// Scale: a logarithmic axis of a figure, with its ticks.
#pragma once

#include <string>
#include <vector>

#include "render/figure.h"

namespace torque {

struct Tick {
    double at = 0;  // a place on the axis, 0 to 1
    std::string label;
};

class Scale {
  public:
    // From `low` to `high`, both above 0, made wider to whole ticks where `is_wide`.
    Scale(Quantity quantity, double low, double high, bool is_wide);

    double place(double value) const;  // 0 to 1; less or more for what is outside
    double value(double place) const;
    // At most `count_max` of them and two at least, where it is 2 or more.
    std::vector<Tick> ticks(std::size_t count_max) const;

  private:
    Quantity quantity_;
    double low_, high_;
};

// "48K", "1.5M"; "72"; "0.85", "12.3", "104"; "20 µs", in ASCII "20 us".
std::string quantity_text(Quantity quantity, double value);

}  // namespace torque
