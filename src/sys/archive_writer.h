// Packs a tree in memory as a tar archive, whose bytes depend on nothing but the tree.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sys/memory_dir.h"
#include "torque/result.h"

namespace torque {

enum class Compression { none, gzip, xz, zstd };

// By the end of the name: ".tar", ".tar.gz" or ".tgz", ".tar.xz", ".tar.zst"; absent for any other.
std::optional<Compression> compression_of(std::string_view file_name);

// The archive's bytes: ustar, with GNU's long names. Entries are sorted, of user and group 0, and last
// changed at the epoch; files have mode 0644, folders 0755. Errors: this libarchive lacks the compression.
Result<std::string> write_archive(const MemoryNode& top, Compression compression);

}  // namespace torque
