// Texts put together: values into a template, words into a list.
// {fmt} does the work, in format.cc alone: compiled into each user, it was a sixth of the program and most of
// the build.
#pragma once

#if __has_include(<fmt/base.h>)
#include <fmt/base.h>
#else
#include <fmt/core.h>  // before fmt 11
#endif

#include <string>
#include <string_view>

namespace torque {

std::string format_values(fmt::string_view text, fmt::format_args values);

// fmt::format(). The name is not "format", which a call with a std::string finds in std as well.
template <typename... Values>
std::string formatted(fmt::format_string<Values...> text, Values&&... values) {
    return format_values(text, fmt::make_format_args(values...));
}

// The words with `separator` between them.
template <typename Words>
std::string joined(const Words& words, std::string_view separator = " ") {
    std::string text;
    for (const auto& word : words) {
        if (&word != &*words.begin()) text += separator;
        text += word;
    }
    return text;
}

}  // namespace torque
