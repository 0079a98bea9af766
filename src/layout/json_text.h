// JsonText: writes JSON as text, value by value, with tables of one row a line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "torque/cpu_set.h"
#include "torque/ids.h"

namespace torque {

// A text that is not there is null in a document.
inline std::optional<std::string_view> unless_empty(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
}

// Bytes that are not UTF-8, which a snapshot's texts may hold, come out as U+FFFD. The caller sees to it that
// keys stand in objects and that what begins ends.
class JsonText {
  public:
    enum class Form { row, lines };  // members on one line, or each on a line of its own

    // `bytes` of text are expected; where there are more, what is written is copied.
    explicit JsonText(std::size_t bytes = 0) : text_(bytes, '\0') {}

    JsonText& begin_object(Form form = Form::row) { return begin('{', form); }
    JsonText& begin_list(Form form = Form::row) { return begin('[', form); }
    JsonText& end();                       // of the innermost object or list
    JsonText& key(std::string_view name);  // of letters, digits and underscores

    JsonText& null() { return raw("null"); }
    JsonText& value(bool flag) { return raw(flag ? "true" : "false"); }
    JsonText& value(std::string_view text);
    JsonText& value(const char* text) { return value(std::string_view(text)); }
    JsonText& value(double number);
    JsonText& value(const CpuSet& cpus);
    template <class Number>
    requires(std::is_integral_v<Number> && !std::is_same_v<Number, bool>) JsonText& value(Number number) {
        return integer(static_cast<std::int64_t>(number), std::is_unsigned_v<Number>);
    }
    template <class Kind>
    JsonText& value(Id<Kind> id) {
        return value(id.value);
    }
    template <class T>
    JsonText& value(const std::optional<T>& known) {
        return known ? value(*known) : null();
    }
    template <class T>
    JsonText& value(const std::vector<T>& list) {
        begin_list();
        for (const T& one : list) value(one);
        return end();
    }

    template <class T>
    JsonText& member(std::string_view name, const T& content) {
        return key(name).value(content);
    }
    // A list of rows, each written by `write_row(JsonText&, const T&)`.
    template <class T, class Write>
    JsonText& table(std::string_view name, const std::vector<T>& rows, Write write_row) {
        key(name).begin_list(Form::lines);
        for (const T& row : rows) write_row(*this, row);
        return end();
    }

    std::string take() {
        text_.resize(used_);
        return std::move(text_);
    }

  private:
    struct Level {
        char end = '\0';
        Form form = Form::row;
        std::size_t indent = 0;  // of its lines
        bool empty = true;
    };

    JsonText& begin(char bracket, Form form);
    JsonText& raw(std::string_view text);
    JsonText& integer(std::int64_t number, bool is_unsigned);
    template <class Number>
    JsonText& number(Number number);
    void separate();  // what stands between this value and the one before it
    void new_line();
    void put(std::string_view text) {
        std::memcpy(room(text.size()), text.data(), text.size());
        used_ += text.size();
    }
    char* room(std::size_t bytes) {  // for so many more
        if (text_.size() - used_ < bytes) text_.resize(2 * text_.size() + bytes);
        return text_.data() + used_;
    }

    std::string text_;  // what is written, and room for more: std::string's own growth asks at each append
    std::size_t used_ = 0;  // of text_
    std::vector<Level> outer_;
    Level level_;  // the innermost
    bool after_key_ = false;
};

}  // namespace torque
