// Reads a tar archive in any common compression into memory, within limits.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sys/memory_dir.h"
#include "torque/result.h"

namespace torque {

// A snapshot of a 4,096-CPU machine has some 400,000 files and folders, few above a page.
struct ArchiveLimits {
    std::uint64_t entries_max = 750'000;  // in the archive, and files and folders that they make
    std::uint64_t file_bytes_max = std::uint64_t{16} << 20;
    std::uint64_t total_bytes_max = std::uint64_t{256} << 20;
    std::uint64_t depth_max = 64;  // of folders; also bounds the recursion that frees the tree
};

// What a compressed stream holds: an archive's tree, or where it is no archive, one file's text.
struct Packed {
    std::shared_ptr<const MemoryNode> tree;  // null: there is a text
    std::string text;
};

// As read_archive(), and also a single file that is compressed and no archive, of at most `text_bytes_max`
// (0: none).
Result<Packed> read_packed(int fd, std::string head, const std::string& name, std::uint64_t text_bytes_max,
                           const ArchiveLimits& limits = {});

// The text of one compressed file that is in memory, of at most `text_bytes_max`.
Result<std::string> read_packed_text(std::string_view packed, const std::string& name,
                                     std::uint64_t text_bytes_max);

// Reads the rest of `fd`, of which `head` was read already, as a tar archive: plain, gzip, bzip2, xz, lzma
// or zstd. Compressors that libarchive would run as a program are not used.
// Errors name `name` and what is wrong: not an archive, truncated, over a limit.
Result<std::shared_ptr<const MemoryNode>> read_archive(int fd, std::string head, const std::string& name,
                                                       const ArchiveLimits& limits = {});

}  // namespace torque
