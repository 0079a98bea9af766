#include "layout/json.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <vector>

#include "base/format.h"
#include "base/parse.h"

namespace torque {
namespace {

// 65,536 CPUs in cores of two threads take 256 MiB.
constexpr std::size_t kSetBytesMax = std::size_t{300} << 20;

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

// What nlohmann-json says behind a word of its own, with a colon before it; "" when it does not use the word:
// "[json...] parse error at ...: syntax error while parsing value - ...", "[...] number overflow parsing
// '1e999'".
std::string reason_after(std::string_view word, std::string_view said) {
    constexpr std::size_t kReasonMax = 160;
    const std::size_t at = said.find(word);
    return at == said.npos ? "" : ": " + printable(said.substr(at + word.size()), kReasonMax);
}

// The JSON pointer of `wanted` in the document. Documents may be nested deeply: no recursion.
std::string path_to(const Json& root, const Json* wanted) {
    struct Step {
        const Json* node;
        Json::const_iterator next;
        std::size_t taken = 0;  // members before `next`
    };
    if (&root == wanted) return {};
    std::vector<Step> steps{{&root, root.begin()}};
    while (!steps.empty()) {
        Step& step = steps.back();
        if (!step.node->is_structured() || step.next == step.node->end()) {
            steps.pop_back();
            continue;
        }
        const Json& member = *step.next++;
        ++step.taken;
        steps.push_back({&member, member.begin()});
        if (&member != wanted) continue;
        std::string path;
        for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
            const Step& above = steps[i];
            path += '/';
            path += above.node->is_object() ? std::prev(above.next).key() : std::to_string(above.taken - 1);
        }
        return path;
    }
    return {};
}

}  // namespace

std::string manual_hint(std::string_view schema) {
    if (schema.starts_with("torque.measure/")) return "torque-topo-measure(1) describes the format";
    std::string page(take_until(schema, '/'));
    std::replace(page.begin(), page.end(), '.', '-');
    return page + "(5) describes the format";
}

Result<Json> parse_document(std::string_view text, const std::string& name, std::string_view schema,
                            std::string_view other) {
    Json document;
    try {
        document = Json::parse(text.begin(), text.end(), nullptr, true, true);
    } catch (const Json::parse_error& error) {
        const Place place = place_of(text, error.byte > 0 ? error.byte - 1 : 0);
        return fail("not JSON" + reason_after("syntax error ", error.what()),
                    formatted("{}:{}:{}", name, place.line, place.column), manual_hint(schema));
    } catch (const Json::out_of_range& error) {
        return fail(
            "a number is too large for any meaning it could have" + reason_after("parsing ", error.what()),
            name, manual_hint(schema));
    }
    if (!document.is_object()) return fail("the document is not a JSON object", name, manual_hint(schema));
    const auto found = document.find("schema");
    const std::string actual =
        found != document.end() && found->is_string() ? found->get<std::string>() : "none";
    if (actual != schema && (other.empty() || actual != other)) {
        return fail(formatted("the document's schema is {}, not {}", printable(actual), schema),
                    name + ": /schema", manual_hint(schema));
    }
    return document;
}

JsonReader JsonReader::operator[](const char* key) const {
    const JsonReader member = optional(key);
    if (member.node_ == nullptr) complain(formatted("\"{}\" is missing", key));
    return member;
}

JsonReader JsonReader::optional(const char* key) const {
    if (node_ == nullptr) return {nullptr, origin_};
    Origin origin = origin_;
    origin.holder = node_;
    origin.key = key;
    if (!node_->is_object()) {
        complain("not an object");
        return {nullptr, origin};
    }
    const auto member = node_->find(key);
    return {member != node_->end() ? &*member : nullptr, origin};
}

std::vector<JsonReader> JsonReader::elements() const {
    std::vector<JsonReader> out;
    if (node_ == nullptr) return out;
    if (!node_->is_array()) {
        complain("not a list");
        return out;
    }
    for (const Json& element : *node_) {
        out.push_back({&element, origin_});
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
        complain(formatted("\"{}\" is not a known key", printable(item.key())),
                 meant ? formatted("did you mean \"{}\"?", *meant) : std::string());
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
    complain(formatted("not a whole number from {} to {}", min, max));
    return min;
}

std::uint64_t JsonReader::unsigned_integer(std::uint64_t max) const {
    if (node_ != nullptr && node_->is_number_unsigned() && node_->get<std::uint64_t>() <= max) {
        return node_->get<std::uint64_t>();
    }
    complain(formatted("not a whole number from 0 to {}", max));
    return 0;
}

double JsonReader::number() const {
    if (node_ != nullptr && node_->is_number() && std::isfinite(node_->get<double>()))
        return node_->get<double>();
    complain("not a number");
    return 0;
}

CpuSet JsonReader::cpus() const {
    if (origin_.state->fault) return {};
    auto set = CpuSet::parse_list(text());
    if (!set) {
        complain(set.error().what, set.error().hint);
        return {};
    }
    // A few characters that name a high number take as much memory as all CPUs up to it.
    origin_.state->set_bytes += static_cast<std::size_t>(set->last() + 1) / 8;
    if (origin_.state->set_bytes > kSetBytesMax) {
        complain("the sets of CPUs up to here are too large for any machine");
        return {};
    }
    return std::move(*set);
}

std::size_t JsonReader::word(std::span<const std::string_view> words) const {
    const std::string word = text();
    const auto at = std::find(words.begin(), words.end(), word);
    if (at != words.end()) return static_cast<std::size_t>(at - words.begin());
    std::string all;
    for (std::string_view one : words) all += formatted("{}{}", all.empty() ? "" : ", ", one);
    complain(formatted("\"{}\" is none of {}", printable(word), all));
    return 0;
}

void JsonReader::complain(std::string what, std::string hint) const {
    if (origin_.state->fault) return;
    std::string place = pointer();
    origin_.state->fault = Fault{std::move(what), place.empty() ? "/" : std::move(place), std::move(hint)};
}

std::string JsonReader::pointer() const {
    if (node_ != nullptr) return path_to(*origin_.root, node_);
    if (origin_.holder == nullptr) return {};
    return path_to(*origin_.root, origin_.holder) + '/' + origin_.key;
}

}  // namespace torque
