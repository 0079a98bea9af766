#include "measure/bounce.h"

namespace torque::measure {

// Loads that acquire and stores that release are plain moves on x86, and nothing but the line's way lies
// between them. The count of spins costs nothing while the line is elsewhere.
bool bounce(Line& line, std::uint32_t first, std::uint32_t trips, std::uint32_t spins_max) {
    std::uint32_t wanted = first;
    for (std::uint32_t trip = 0; trip < trips; ++trip) {
        std::uint32_t spins = spins_max;
        std::uint32_t seen = 0;
        while ((seen = line.turn.load(std::memory_order_acquire)) != wanted) {
            if (seen == Line::kStop || --spins == 0) {
                line.turn.store(Line::kStop, std::memory_order_release);
                return false;
            }
        }
        line.turn.store(wanted + 1, std::memory_order_release);
        wanted += 2;
    }
    return true;
}

}  // namespace torque::measure
