#include "sys/dir.h"

#include <algorithm>

#include "base/parse.h"

namespace torque {

std::vector<int> numbered_entries(const Dir& dir, std::string_view path, std::string_view prefix) {
    return numbers_after(prefix, dir.list(path));
}

std::vector<int> numbers_after(std::string_view prefix, const std::vector<std::string>& names) {
    std::vector<int> numbers;
    for (const std::string& name : names) {
        if (!name.starts_with(prefix)) continue;
        const std::string_view digits = std::string_view(name).substr(prefix.size());
        const auto number = parse_unsigned(digits, 1 << 20);
        if (number && (digits.size() == 1 || digits.front() != '0'))
            numbers.push_back(static_cast<int>(*number));
    }
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

}  // namespace torque
