#include "probes/arch.h"

#include <string_view>

#include "base/parse.h"

namespace torque {

std::optional<std::string> read_arch(const Dir& root) {
    if (const auto arch = root.read("proc/sys/kernel/arch"); arch && !arch->empty()) return printable(*arch);
    const auto text = root.read("proc/hwloc-nofile-info");
    for (std::string_view rest = text ? std::string_view(*text) : std::string_view{}; !rest.empty();) {
        std::string_view value = take_line(rest);
        if (take_until(value, ':') == "Architecture") return printable(trim_space(value));
    }
    return std::nullopt;
}

}  // namespace torque
