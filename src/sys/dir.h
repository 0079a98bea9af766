// Dir: a directory of the machine under study, be it the live kernel's, a snapshot's or an archive's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace torque {

// A file that is read in parts: to look something up in a large one.
class PartsFile {
  public:
    virtual ~PartsFile() = default;
    // At most `bytes_max` bytes from `offset` on, which stay there until the next call; "" behind the end,
    // and where they cannot be read.
    virtual std::string_view read_at(std::uint64_t offset, std::size_t bytes_max) = 0;
    // Its length; 0 where it is not known.
    virtual std::uint64_t size_bytes() const = 0;
};

// Paths are relative to the directory ("topology/core_id") and never leave the tree that it belongs to:
// absolute links and ".." in a snapshot stay inside the snapshot. Whatever cannot be read is absent; the
// kernel answers EINVAL, EIO or ENODEV for facts that a machine does not have.
class Dir {
  public:
    virtual ~Dir() = default;

    // The whole file without its final newline; absent when it is not there, not readable or over 16 MiB.
    virtual std::optional<std::string> read(std::string_view path) const = 0;
    // Null when it cannot be read.
    virtual std::unique_ptr<PartsFile> open_file(std::string_view path) const = 0;
    // Names of all entries, sorted; empty when there is no such directory. "" is this directory.
    virtual std::vector<std::string> list(std::string_view path) const = 0;
    // The directory at `path`; null when there is none.
    virtual std::unique_ptr<Dir> open(std::string_view path) const = 0;
    // This directory as the root of a tree of its own: absolute links start here, and ".." stops here.
    virtual std::unique_ptr<Dir> as_root() const = 0;
    // Where the symbolic link at `path` points to, as written; absent when it is none.
    virtual std::optional<std::string> link(std::string_view path) const = 0;
};

// Numbers of the entries named `prefix` and a number ("cpu12"), ascending.
std::vector<int> numbered_entries(const Dir& dir, std::string_view path, std::string_view prefix);
// The same of a list that is at hand.
std::vector<int> numbers_after(std::string_view prefix, const std::vector<std::string>& names);

}  // namespace torque
