#include "tune/hugepages.h"

#include <algorithm>

#include "base/parse.h"

namespace torque::tune {
namespace {

// "2M", "1G", "512": digits with at most one unit, as memparse() takes them, and more than nothing.
bool is_size(std::string_view text) {
    if (!text.empty() && std::string_view("kKmMgGtT").find(text.back()) != std::string_view::npos)
        text.remove_suffix(1);
    const auto number = parse_unsigned(text);
    return number && *number > 0;
}

// A count, or a list of node:count.
bool is_count(std::string_view text) {
    if (text.empty()) return false;
    const bool by_node = text.find(':') != text.npos;
    while (!text.empty()) {
        std::string_view count = take_until(text, ',');
        if (by_node && !parse_unsigned(take_until(count, ':'))) return false;
        if (!parse_unsigned(count)) return false;
        if (!by_node) return text.empty();
    }
    return true;
}

}  // namespace

std::optional<std::string> HugepagesReader::take(std::string_view name, std::string_view value) {
    if (name == "hugepagesz") {
        size_is_valid_ = is_size(value);
        if (!size_is_valid_) return "\"" + printable(value) + "\" is no size; they look like 2M and 1G";
        const bool again = std::find(sizes_.begin(), sizes_.end(), value) != sizes_.end();
        if (again) {
            size_is_valid_ = false;
            return "the size " + printable(value) + " was named before";
        }
        size_ = value;
        sizes_.emplace_back(value);
    }
    if (name == "default_hugepagesz") {
        if (!is_size(value)) return "\"" + printable(value) + "\" is no size; they look like 2M and 1G";
        // hugepagesz= may name the default size again.
        size_is_valid_ = true;
        size_ = value;
    }
    if (name != "hugepages") return std::nullopt;
    if (!is_count(value)) return "\"" + printable(value) + "\" is neither a number nor a list of node:number";
    if (!size_is_valid_) {
        size_is_valid_ = true;
        return "the hugepagesz= before it is not valid";
    }
    if (counted_ == size_) return "there is no hugepagesz= between it and the last one";
    counted_ = size_;
    return std::nullopt;
}

}  // namespace torque::tune
