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

// Parses text with // and /* */ comments. Errors: not JSON, with line and column; not an object; another
// schema than `schema`.
Result<Json> parse_document(std::string_view text, const std::string& name, std::string_view schema);

// Reads typed values out of a document and remembers the first thing that was wrong, with its JSON pointer.
// A reader of a missing or faulty value reads as empty, so that code need not check at every step.
class JsonReader {
  public:
    struct Fault {
        std::string what, pointer, hint;
    };

    JsonReader(const Json& node, std::optional<Fault>& fault) : node_(&node), fault_(&fault) {}

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
    JsonReader(const Json* node, std::optional<Fault>* fault, std::string pointer)
        : node_(node), fault_(fault), pointer_(std::move(pointer)) {}

    const Json* node_;
    std::optional<Fault>* fault_;
    std::string pointer_;
};

}  // namespace torque
