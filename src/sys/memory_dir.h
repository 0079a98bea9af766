// A directory tree held in memory, as read from an archive.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "sys/dir.h"

namespace torque {

// A file, a symbolic link or a directory. Links are kept as written and resolved when a path is looked up.
struct MemoryNode {
    enum class Kind : std::uint8_t { file, link, directory };
    Kind kind = Kind::directory;
    std::string text;  // a file's content, a link's target
    std::map<std::string, MemoryNode, std::less<>> entries;

    // The node at `path` ("a/b"), made with its parent directories if need be; "." and "" components and a
    // leading slash are ignored. Null when the path has a ".." or goes through something that is no
    // directory. `made` grows by the nodes that were not there before.
    MemoryNode* make(std::string_view path, std::uint64_t& made);
    MemoryNode* make(std::string_view path) {
        std::uint64_t made = 0;
        return make(path, made);
    }
};

// `root` is a directory within `tree`, and the root of the machine: no path leads out of it.
std::unique_ptr<Dir> memory_dir(std::shared_ptr<const MemoryNode> tree, const MemoryNode* root);

}  // namespace torque
