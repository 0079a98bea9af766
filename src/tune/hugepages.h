// The order of the huge page parameters, which decides what each of them means.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace torque::tune {

// hugepages= belongs to the hugepagesz= before it, or to the default size (mm/hugetlb.c, hugepages_setup();
// admin-guide/mm/hugetlbpage). Give it the words in the order of the line.
class HugepagesReader {
  public:
    // Why the kernel ignores the word; absent when it does not, or when it is another parameter's.
    std::optional<std::string> take(std::string_view canonical_name, std::string_view value);

  private:
    bool size_is_valid_ = true;
    std::string size_;                    // "" until a size was named
    std::vector<std::string> sizes_;      // of hugepagesz= so far
    std::optional<std::string> counted_;  // the size that the last hugepages= was for
};

}  // namespace torque::tune
