#include "base/given_words.h"

#include <algorithm>
#include <string>

#include "base/parse.h"

namespace torque {
namespace {

tl::unexpected<Error> unknown_word(std::string_view program, std::span<const OptionText> table,
                                   std::string_view name) {
    std::vector<std::string> names;
    for (const OptionText& option : table) {
        if (!is_argument(option)) names.emplace_back(long_name(option));
    }
    const auto meant = did_you_mean(name, names);
    const std::string what = name.starts_with('-') ? "unknown option '" : "unexpected argument '";
    return fail(what + printable(name) + "'", {}, meant ? "did you mean " + *meant + "?" : help_hint(program),
                ErrorKind::usage);
}

}  // namespace

Result<std::vector<GivenWord>> read_words(std::string_view program, std::span<const OptionText> table,
                                          std::span<const char* const> arguments) {
    std::vector<GivenWord> words;
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        std::string_view value = arguments[i];
        const bool is_option = value.starts_with('-'),
                   has_value = value.starts_with("--") && value.find('=') != value.npos;
        const std::string_view name = has_value ? take_until(value, '=') : value;
        const auto row = std::find_if(table.begin(), table.end(), [&](const OptionText& option) {
            return is_option ? has_name(option, name) : is_argument(option);
        });
        if (row == table.end()) return unknown_word(program, table, name);
        const auto refused = [&](const char* why) {
            return fail(std::string(name) + why, {}, help_hint(program), ErrorKind::usage);
        };
        const bool is_flag = is_option && row->value.empty();
        if (is_flag && has_value) return refused(" takes no value");
        if (is_option && !is_flag && !has_value) {
            if (i + 1 == arguments.size()) return refused(" needs a value");
            value = arguments[++i];
        }
        words.push_back({static_cast<std::size_t>(row - table.begin()), is_option ? name : std::string_view(),
                         is_flag ? std::string_view() : value});
    }
    return words;
}

}  // namespace torque
