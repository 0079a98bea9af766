#include "sys/uevent.h"

#include <algorithm>
#include <iterator>

#include "base/parse.h"

namespace torque {
namespace {

struct Action {
    std::string_view word, said;
};
constexpr Action kActions[] = {
    {"online", "online"}, {"offline", "offline"}, {"add", "added"}, {"remove", "removed"}};

constexpr std::string_view kSubsystems[] = {"cpu", "memory"};

}  // namespace

std::optional<std::string> hotplug_of(std::string_view message) {
    constexpr std::size_t kNameMax = 32;
    std::string_view path = take_until(message, '\0');
    const std::string_view word = take_until(path, '@');
    const auto* action = std::find_if(std::begin(kActions), std::end(kActions),
                                      [=](const Action& one) { return one.word == word; });
    if (action == std::end(kActions) || path.empty()) return std::nullopt;
    const std::string_view name = path.substr(path.rfind('/') + 1);
    while (!message.empty()) {
        std::string_view variable = take_until(message, '\0');
        if (take_until(variable, '=') != "SUBSYSTEM") continue;
        if (std::find(std::begin(kSubsystems), std::end(kSubsystems), variable) == std::end(kSubsystems))
            break;
        return printable(name, kNameMax) + ' ' + std::string(action->said);
    }
    return std::nullopt;
}

}  // namespace torque
