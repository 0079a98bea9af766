// A tree of files out of one input: "path\ncontent\0path\ncontent...", where "path@" is a link.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/parse.h"
#include "sys/memory_dir.h"

namespace fuzz {

inline std::shared_ptr<torque::MemoryNode> tree_of(std::string_view rest) {
    constexpr std::size_t kPathMax = 200;
    auto tree = std::make_shared<torque::MemoryNode>();
    while (!rest.empty()) {
        std::string_view text = torque::take_until(rest, '\0');
        std::string_view path = torque::take_line(text);
        const bool is_link = path.ends_with('@');
        if (is_link) path.remove_suffix(1);
        torque::MemoryNode* node = path.size() < kPathMax ? tree->make(path) : nullptr;
        if (node == nullptr || node == tree.get() || !node->entries.empty()) continue;
        node->kind = is_link ? torque::MemoryNode::Kind::link : torque::MemoryNode::Kind::file;
        node->text = std::string(text);
    }
    return tree;
}

}  // namespace fuzz
