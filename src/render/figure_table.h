// Figures that are tables of characters: heat maps, bars and changes.
#pragma once

#include "render/figure.h"

namespace torque {

void put_heat(Page& page, const HeatMap& map);
void put_bars(Page& page, const Bars& bars);
void put_changes(Page& page, const BeforeAfter& changes);

std::string heat_caption(const HeatMap& map);  // "CPU of the row, CPU of the column, in ns"

// A map of at most `side_max` rows and columns, each value the median of a square of the given one's. The
// names are those of the first and last of what became one: "0-3".
HeatMap made_smaller(const HeatMap& map, std::size_t side_max);

// The places of values between the smallest and the largest, 0 to 1, by their logarithms. Values that are
// hardly apart are near 0, all of them: noise gets no colours.
class HeatScale {
  public:
    explicit HeatScale(const HeatMap& map);
    double place(double value) const;
    double value(double place) const;

  private:
    double ratio() const;

    double low_ = 0, high_ = 0;
};

}  // namespace torque
