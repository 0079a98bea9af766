#include "loader/grub_env.h"

#include "base/parse.h"

namespace torque::loader {
namespace {

constexpr std::string_view kHead = "# GRUB Environment Block\n";
constexpr std::size_t kBytes = 1024;

// Lines of variables; comments and the filling, both of which begin with "#", are none.
bool is_variable(std::string_view line, std::string_view name) {
    return line.size() > name.size() && line.starts_with(name) && line[name.size()] == '=';
}

// GRUB's own writer puts a backslash before a line end and a backslash.
std::string unescaped(std::string_view value) {
    std::string out;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] == '\\' && i + 1 < value.size()) ++i;
        out += value[i];
    }
    return out;
}

}  // namespace

std::optional<std::string> grub_variable(std::string_view block, std::string_view name) {
    if (!block.starts_with(kHead)) return std::nullopt;
    while (!block.empty()) {
        const std::string_view line = take_line(block);
        if (is_variable(line, name)) return unescaped(line.substr(name.size() + 1));
    }
    return std::nullopt;
}

Result<std::string> with_grub_variable(std::string_view block, std::string_view name,
                                       const std::optional<std::string>& value) {
    if (!block.empty() && !block.starts_with(kHead)) {
        return fail("this is no environment block of GRUB", {}, "grub-editenv FILE create makes one");
    }
    const std::size_t size = block.empty() ? kBytes : block.size();
    std::string out(kHead);
    std::string_view rest = block.empty() ? block : block.substr(kHead.size());
    while (!rest.empty()) {
        if (rest.find('\n') == rest.npos) break;  // the filling
        const std::string_view line = take_line(rest);
        if (!is_variable(line, name)) out += std::string(line) + '\n';
    }
    if (value) out += std::string(name) + '=' + *value + '\n';
    if (out.size() > size)
        return fail("the environment block is full", {}, "grub-editenv unset what is in it");
    out.append(size - out.size(), '#');
    return out;
}

}  // namespace torque::loader
