// What several commands' options have in common.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/parse.h"
#include "cli/define_options.h"
#include "torque/cpu_set.h"
#include "torque/result.h"

namespace torque {

inline tl::unexpected<Error> usage(std::string what, std::string hint = {}) {
    return fail(std::move(what), {}, std::move(hint), ErrorKind::usage);
}

// Values of an option and the words for them. CLI11 prints the words in its help.
template <class Enum>
using Words = std::vector<std::pair<std::string, Enum>>;

template <class Enum>
std::string words_text(const Words<Enum>& words) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : "|") + word.first;
    return text;
}

template <class Enum>
Result<void> take_word(const char* option, const std::string& given, const Words<Enum>& words, Enum& value) {
    std::vector<std::string> names;
    for (const auto& word : words) {
        names.push_back(word.first);
        if (word.first != given) continue;
        value = word.second;
        return {};
    }
    const auto meant = did_you_mean(given, names);
    const std::string name = option;
    return usage(name + " takes " + words_text(words) + ", not \"" + printable(given) + '"',
                 meant ? "did you mean " + name + " " + *meant + "?" : std::string());
}

// --format, which leaves `value` as it is where it was not given.
template <class Enum>
Result<void> take_format(const RawOptions& raw, const Words<Enum>& words, Enum& value) {
    return raw.format ? take_word("--format", *raw.format, words, value) : Result<void>();
}

inline Result<void> take_cpus(const std::string& given, std::optional<CpuSet>& taken) {
    if (given.empty()) return {};
    auto cpus = CpuSet::parse_list(given);
    if (!cpus) return usage("--cpus: " + cpus.error().what, cpus.error().hint);
    taken = std::move(*cpus);
    return {};
}

inline OptionRow output_row(std::string& output) {
    return {"-o,--output", &output, "FILE", "Write there instead of standard output"};
}

inline OptionRow input_row(std::string& input) {
    return {"-i,--input", &input, "PATH",
            "Read another machine: a snapshot, a CPUID dump, a document; - is stdin"};
}

inline OptionRow layout_row(std::string& layout, bool is_required) {
    return {"-l,--layout", &layout, "FILE", "The layout, as 'torque-topo plan' writes it; - is stdin",
            is_required};
}

inline OptionRow json_row(bool& json, const char* about) {
    return {"-J,--json", &json, {}, about};
}

}  // namespace torque
