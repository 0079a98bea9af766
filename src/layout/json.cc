#include "layout/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/parse.h"

namespace torque {
namespace {

struct Place {
    std::size_t line = 1, column = 1;
};

Place place_of(std::string_view text, std::size_t byte) {
    Place place;
    for (char c : text.substr(0, byte)) {
        place.column = c == '\n' ? 1 : place.column + 1;
        place.line += c == '\n' ? 1 : 0;
    }
    return place;
}

}  // namespace

Result<Json> parse_document(std::string_view text, const std::string& name, std::string_view schema) {
    Json document;
    try {
        document = Json::parse(text.begin(), text.end(), nullptr, true, true);
    } catch (const Json::parse_error& error) {
        const Place place = place_of(text, error.byte > 0 ? error.byte - 1 : 0);
        return fail("not JSON", fmt::format("{}:{}:{}", name, place.line, place.column));
    } catch (const Json::out_of_range&) {
        return fail("a number is too large for any meaning it could have", name);
    }
    if (!document.is_object()) return fail("the document is not a JSON object", name);
    const auto found = document.find("schema");
    const std::string actual =
        found != document.end() && found->is_string() ? found->get<std::string>() : "none";
    if (actual != schema) {
        return fail(fmt::format("the document's schema is {}, not {}", printable(actual), schema),
                    name + ": /schema");
    }
    return document;
}

JsonReader JsonReader::operator[](const char* key) const {
    const JsonReader member = optional(key);
    if (member.node_ == nullptr) complain(fmt::format("\"{}\" is missing", key));
    return member;
}

JsonReader JsonReader::optional(const char* key) const {
    const std::string pointer = pointer_ + "/" + key;
    if (node_ == nullptr) return {nullptr, fault_, pointer};
    if (!node_->is_object()) {
        complain("not an object");
        return {nullptr, fault_, pointer};
    }
    const auto member = node_->find(key);
    return {member != node_->end() ? &*member : nullptr, fault_, pointer};
}

std::vector<JsonReader> JsonReader::elements() const {
    std::vector<JsonReader> out;
    if (node_ == nullptr) return out;
    if (!node_->is_array()) {
        complain("not a list");
        return out;
    }
    for (const Json& element : *node_) {
        out.push_back({&element, fault_, pointer_ + "/" + std::to_string(out.size())});
    }
    return out;
}

void JsonReader::only(std::initializer_list<const char*> keys) const {
    if (node_ == nullptr || !node_->is_object()) return;
    for (auto item = node_->begin(); item != node_->end(); ++item) {
        const bool known =
            std::any_of(keys.begin(), keys.end(), [&](const char* key) { return item.key() == key; });
        if (known) continue;
        const auto meant = did_you_mean(item.key(), std::vector<std::string_view>(keys.begin(), keys.end()));
        complain(fmt::format("\"{}\" is not a known key", printable(item.key())),
                 meant ? fmt::format("did you mean \"{}\"?", *meant) : std::string());
    }
}

std::string JsonReader::text() const {
    if (node_ != nullptr && node_->is_string()) return node_->get<std::string>();
    complain("not a text");
    return {};
}

bool JsonReader::boolean() const {
    if (node_ != nullptr && node_->is_boolean()) return node_->get<bool>();
    complain("neither true nor false");
    return false;
}

int JsonReader::integer(int min, int max) const {
    if (node_ != nullptr && node_->is_number_integer()) {
        const bool fits =
            !node_->is_number_unsigned() ||
            node_->get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<int>::max());
        const auto value = fits ? node_->get<std::int64_t>() : std::numeric_limits<std::int64_t>::max();
        if (value >= min && value <= max) return static_cast<int>(value);
    }
    complain(fmt::format("not a whole number from {} to {}", min, max));
    return min;
}

std::uint64_t JsonReader::unsigned_integer(std::uint64_t max) const {
    if (node_ != nullptr && node_->is_number_unsigned() && node_->get<std::uint64_t>() <= max) {
        return node_->get<std::uint64_t>();
    }
    complain(fmt::format("not a whole number from 0 to {}", max));
    return 0;
}

double JsonReader::number() const {
    if (node_ != nullptr && node_->is_number() && std::isfinite(node_->get<double>()))
        return node_->get<double>();
    complain("not a number");
    return 0;
}

CpuSet JsonReader::cpus() const {
    auto set = CpuSet::parse_list(text());
    if (set) return std::move(*set);
    complain(set.error().what, set.error().hint);
    return {};
}

std::size_t JsonReader::word(std::span<const std::string_view> words) const {
    const std::string word = text();
    const auto at = std::find(words.begin(), words.end(), word);
    if (at != words.end()) return static_cast<std::size_t>(at - words.begin());
    std::string all;
    for (std::string_view one : words) all += fmt::format("{}{}", all.empty() ? "" : ", ", one);
    complain(fmt::format("\"{}\" is none of {}", printable(word), all));
    return 0;
}

void JsonReader::complain(std::string what, std::string hint) const {
    if (!*fault_) *fault_ = Fault{std::move(what), pointer_.empty() ? "/" : pointer_, std::move(hint)};
}

}  // namespace torque
