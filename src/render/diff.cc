#include "render/diff.h"

#include <string_view>

#include "base/parse.h"

namespace torque {
namespace {

// Texts of a snapshot may hold any bytes.
std::string shown(const std::optional<std::string>& text) {
    constexpr std::size_t kTextMax = 4096;
    return text ? printable(*text, kTextMax) : "-";
}

}  // namespace

std::string render_diff(const std::vector<Difference>& differences, const std::string& a,
                        const std::string& b) {
    std::string out = "A: " + shown(a) + "\nB: " + shown(b) + "\n";
    if (differences.empty()) return out + "\nThe machines are alike.\n";
    std::string_view section;
    for (const Difference& one : differences) {
        if (one.section != section) out += "\n" + one.section + "\n";
        section = one.section;
        out += "  " + shown(one.what) + "\n    A  " + shown(one.a) + "\n    B  " + shown(one.b) + "\n";
    }
    return out;
}

}  // namespace torque
