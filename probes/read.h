// Reads one fact from one file: absent when the file is not there or does not hold what it should.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/parse.h"
#include "sys/dir.h"
#include "torque/cpu_set.h"

namespace torque {

// Paths below a folder that is not opened: where few of its files are read, that costs more than longer
// paths.
class PathsBelow {
  public:
    explicit PathsBelow(std::string folder) : text_(std::move(folder)), folder_bytes_(text_.size()) {}

    // Good until the next call.
    const std::string& path(std::string_view name) {
        text_.resize(folder_bytes_);
        return text_ += name;
    }

  private:
    std::string text_;  // the folder with a final slash, then the last name
    std::size_t folder_bytes_;
};

inline std::optional<int> read_int(const Dir& dir, std::string_view path) {
    const auto text = dir.read(path);
    const auto value = text ? parse_signed(trim_space(*text)) : std::nullopt;
    if (!value || *value < INT32_MIN || *value > INT32_MAX) return std::nullopt;
    return static_cast<int>(*value);
}

inline std::optional<std::uint64_t> read_unsigned(const Dir& dir, std::string_view path) {
    const auto text = dir.read(path);
    return text ? parse_unsigned(trim_space(*text)) : std::nullopt;
}

// Twice the CPUs that Linux can have (NR_CPUS, 8,192). A set takes memory by its highest number, and a
// snapshot may hold half a million of them: a file that names more CPUs counts as damaged.
constexpr int kSysfsCpusMax = 16'384;

inline std::optional<CpuSet> if_plausible(Result<CpuSet> set) {
    return set && set->last() < kSysfsCpusMax ? std::optional(std::move(*set)) : std::nullopt;
}

inline std::optional<CpuSet> read_cpu_list(const Dir& dir, std::string_view path) {
    const auto text = dir.read(path);
    if (!text) return std::nullopt;
    return if_plausible(CpuSet::parse_list(*text));
}

inline std::optional<CpuSet> read_cpu_mask(const Dir& dir, std::string_view path) {
    const auto text = dir.read(path);
    if (!text) return std::nullopt;
    return if_plausible(CpuSet::parse_mask(*text));
}

// The mask file, which every kernel has, else the list file.
inline std::optional<CpuSet> read_cpus(const Dir& dir, std::string_view mask_path,
                                       std::string_view list_path) {
    auto set = read_cpu_mask(dir, mask_path);
    return set ? set : read_cpu_list(dir, list_path);
}

}  // namespace torque
