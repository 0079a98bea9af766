#include "loader/bls_entry.h"

#include <algorithm>

#include "base/parse.h"
#include "loader/version_order.h"

namespace torque::loader {
namespace {

constexpr std::string_view kEnd = ".conf";

// What is before the "+" of a count, and what is behind it: "+LEFT" or "+LEFT-DONE".
std::pair<std::string_view, std::string_view> split_count(std::string_view file) {
    if (file.ends_with(kEnd)) file.remove_suffix(kEnd.size());
    const std::size_t plus = file.rfind('+');
    if (plus == file.npos) return {file, {}};
    std::string_view rest = file.substr(plus + 1), numbers = rest;
    const std::string_view left = take_until(numbers, '-');
    const bool is_count =
        parse_unsigned(left, 1 << 20) && (numbers.empty() || parse_unsigned(numbers, 1 << 20));
    return is_count ? std::pair(file.substr(0, plus), rest) : std::pair(file, std::string_view{});
}

struct Field {
    std::string_view key, value;
};

// Of a line; comments and empty lines have an empty key.
Field field_of(std::string_view line) {
    line = trim_space(line);
    if (line.empty() || line.front() == '#') return {};
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    return {line.substr(0, end), trim_space(line.substr(end))};
}

// The text with each line changed; `change` gives what is to be there, absent: nothing.
template <class Change>
std::string with_lines(std::string_view text, Change change) {
    std::string out;
    while (!text.empty()) {
        const bool is_ended = text.find('\n') != text.npos;
        const std::string_view line = take_line(text);
        const std::optional<std::string> now = change(line, field_of(line));
        if (now) out += *now + (is_ended ? "\n" : "");
    }
    return out;
}

// The line with another value of its field.
std::string with_value(std::string_view line, const Field& field, std::string_view value) {
    if (field.value.empty()) return std::string(field.key) + ' ' + std::string(value);
    const auto begin = static_cast<std::size_t>(field.value.data() - line.data());
    return std::string(line.substr(0, begin)) + std::string(value);
}

}  // namespace

std::string bls_id(std::string_view file) {
    return std::string(split_count(file).first);
}

std::optional<int> bls_tries_left(std::string_view file) {
    std::string_view count = split_count(file).second;
    if (count.empty()) return std::nullopt;
    return static_cast<int>(*parse_unsigned(take_until(count, '-'), 1 << 20));
}

std::optional<std::string> bls_field(std::string_view text, std::string_view key) {
    while (!text.empty()) {
        const Field field = field_of(take_line(text));
        if (field.key == key) return std::string(field.value);
    }
    return std::nullopt;
}

std::string bls_options(std::string_view text) {
    std::string options;
    while (!text.empty()) {
        const Field field = field_of(take_line(text));
        if (field.key != "options" || field.value.empty()) continue;
        options += (options.empty() ? "" : " ") + std::string(field.value);
    }
    return options;
}

std::string with_bls_options(std::string_view text, const IsDropped& is_dropped, std::string_view added) {
    int left = 0;
    for (std::string_view rest = text; !rest.empty();) left += field_of(take_line(rest)).key == "options";
    const bool has_none = left == 0;
    std::string out = with_lines(text, [&](std::string_view line, const Field& field) {
        if (field.key != "options") return std::optional(std::string(line));
        const bool is_last = --left == 0;
        const std::string options = with_words(field.value, is_dropped, is_last ? added : "");
        return std::optional(options == field.value ? std::string(line) : with_value(line, field, options));
    });
    if (!has_none || added.empty()) return out;
    if (!out.empty() && out.back() != '\n') out += '\n';
    return out + "options " + std::string(added) + '\n';
}

std::string bls_trial(std::string_view text, std::string_view title) {
    const bool has_title = bls_field(text, "title").has_value();
    const std::string out =
        with_lines(text, [&](std::string_view line, const Field& field) -> std::optional<std::string> {
            if (field.key == "sort-key") return std::nullopt;
            return field.key == "title" ? with_value(line, field, title) : std::string(line);
        });
    return has_title ? out : "title " + std::string(title) + '\n' + out;
}

void sort_entries(std::vector<BlsEntry>& entries, EntryOrder order) {
    const auto by_name = [](const BlsEntry& a, const BlsEntry& b) {
        return compare_versions(bls_id(a.file), bls_id(b.file)) > 0;
    };
    const auto by_fields = [=](const BlsEntry& a, const BlsEntry& b) {
        const bool a_is_bad = bls_tries_left(a.file) == 0, b_is_bad = bls_tries_left(b.file) == 0;
        if (a_is_bad != b_is_bad) return b_is_bad;
        const auto a_key = bls_field(a.text, "sort-key"), b_key = bls_field(b.text, "sort-key");
        if (a_key.has_value() != b_key.has_value()) return a_key.has_value();
        if (!a_key) return by_name(a, b);
        if (*a_key != *b_key) return *a_key < *b_key;
        const auto a_machine = bls_field(a.text, "machine-id"), b_machine = bls_field(b.text, "machine-id");
        if (a_machine != b_machine) return a_machine < b_machine;
        const int versions = compare_versions(bls_field(a.text, "version").value_or(""),
                                              bls_field(b.text, "version").value_or(""));
        return versions != 0 ? versions > 0 : by_name(a, b);
    };
    if (order == EntryOrder::names) {
        std::sort(entries.begin(), entries.end(), by_name);
    } else {
        std::sort(entries.begin(), entries.end(), by_fields);
    }
}

}  // namespace torque::loader
