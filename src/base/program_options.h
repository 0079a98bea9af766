// The command line of a program as a table: what each option is called, and what it does to the options.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "base/given_words.h"
#include "base/option_text.h"
#include "torque/result.h"

namespace torque {

template <class Options>
struct ProgramOption {
    OptionText option;
    Result<void> (*take)(const GivenWord&, Options&);
};

template <auto member, class Options>
Result<void> keep_value(const GivenWord& word, Options& options) {
    options.*member = word.value;
    return {};
}

template <auto member, class Options>
Result<void> set_flag(const GivenWord&, Options& options) {
    options.*member = true;
    return {};
}

template <class Options, std::size_t size>
std::vector<OptionText> texts_of(const ProgramOption<Options> (&rows)[size]) {
    std::vector<OptionText> texts;
    for (const ProgramOption<Options>& row : rows) texts.push_back(row.option);
    return texts;
}

// Errors: as read_words(), and those of the rows.
template <class Options, std::size_t size>
Result<Options> read_options(std::string_view program, const ProgramOption<Options> (&rows)[size],
                             std::span<const char* const> arguments) {
    const auto words = read_words(program, texts_of(rows), arguments);
    if (!words) return tl::unexpected<Error>(words.error());
    Result<Options> options;
    for (const GivenWord& word : *words) {
        const Result<void> taken = rows[word.row].take(word, *options);
        if (!taken) return tl::unexpected<Error>(taken.error());
    }
    return options;
}

}  // namespace torque
