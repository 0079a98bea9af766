// Reads JSON by nlohmann-json, with the place in every error; json_text.h writes it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "torque/cpu_set.h"
#include "torque/result.h"

namespace torque {

using Json = nlohmann::ordered_json;

// Where the documents of a schema are described: "torque-layout(5) describes the format".
std::string manual_hint(std::string_view schema);

// Parses text with // and /* */ comments. Errors: not JSON, with line and column; not an object; another
// schema than `schema`, or `other` where there is one.
Result<Json> parse_document(std::string_view text, const std::string& name, std::string_view schema,
                            std::string_view other = {});

// Reads typed values out of a document and remembers the first thing that was wrong, with its JSON pointer.
// A reader of a missing or faulty value reads as empty, so that code need not check at every step.
class JsonReader {
  public:
    struct Fault {
        std::string what, pointer, hint;
    };
    // Of the readers of one document.
    struct State {
        std::optional<Fault> fault;
        std::size_t set_bytes = 0;  // that the sets of CPUs so far take
    };

    JsonReader(const Json& root, State& state) : JsonReader(&root, {&root, &state, nullptr, nullptr}) {}

    JsonReader operator[](const char* key) const;              // of an object; complains when it is not there
    JsonReader optional(const char* key) const;                // is_null() when it is not there
    std::vector<JsonReader> elements() const;                  // of a list
    void only(std::initializer_list<const char*> keys) const;  // complains of any other key

    bool is_null() const { return node_ == nullptr || node_->is_null(); }
    bool is(std::string_view text) const { return node_ != nullptr && node_->is_string() && *node_ == text; }
    std::string text() const;
    bool boolean() const;
    int integer(int min = 0, int max = std::numeric_limits<int>::max()) const;
    std::uint64_t unsigned_integer(std::uint64_t max = std::numeric_limits<std::uint64_t>::max()) const;
    double number() const;  // finite
    CpuSet cpus() const;    // the list form

    // One of the words; gives its position.
    std::size_t word(std::span<const std::string_view> words) const;

    void complain(std::string what, std::string hint = {}) const;

  private:
    // Pointers are put together only for the one value that is complained of: most documents have no fault.
    struct Origin {
        const Json* root;
        State* state;
        const Json* holder;  // of a member that is not there: the object, itself there, that should have it
        const char* key;     // of that member
    };
    JsonReader(const Json* node, const Origin& origin) : node_(node), origin_(origin) {}
    std::string pointer() const;

    const Json* node_;
    Origin origin_;
};

}  // namespace torque
