#include "sys/memory_dir.h"

#include <vector>

#include "base/parse.h"

namespace torque {
namespace {

constexpr int kMaxLinks = 40;  // as the kernel: ELOOP above it

// The way from the machine's root to a node: way.front() is the root.
using Way = std::vector<const MemoryNode*>;

// Walks `path` from the end of `way`; false when it leads nowhere. With `follow_last`, a link at the very
// end is followed as well.
bool walk(Way& way, std::string_view path, bool follow_last, int& links) {
    if (path.starts_with('/')) way.resize(1);
    while (!path.empty()) {
        const std::string_view name = take_until(path, '/');
        if (name.empty() || name == ".") continue;
        if (name == "..") {
            if (way.size() > 1) way.pop_back();
            continue;
        }
        const auto entry = way.back()->entries.find(name);
        if (entry == way.back()->entries.end()) return false;
        const MemoryNode& node = entry->second;
        if (node.kind == MemoryNode::Kind::link && (follow_last || !path.empty())) {
            if (++links > kMaxLinks || !walk(way, node.text, true, links)) return false;
        } else {
            way.push_back(&node);
        }
    }
    return true;
}

class MemoryFile final : public PartsFile {
  public:
    MemoryFile(std::shared_ptr<const MemoryNode> tree, std::string_view text)
        : tree_(std::move(tree)), text_(text) {}

    std::string_view read_at(std::uint64_t offset, std::size_t bytes_max) override {
        return offset < text_.size() ? text_.substr(static_cast<std::size_t>(offset), bytes_max) : "";
    }

    std::uint64_t size_bytes() const override { return text_.size(); }

  private:
    std::shared_ptr<const MemoryNode> tree_;  // that holds the text
    std::string_view text_;
};

class MemoryDir final : public Dir {
  public:
    MemoryDir(std::shared_ptr<const MemoryNode> tree, Way way)
        : tree_(std::move(tree)), way_(std::move(way)) {}

    std::optional<std::string> read(std::string_view path) const override {
        const MemoryNode* node = find(path, true);
        if (node == nullptr || node->kind != MemoryNode::Kind::file) return std::nullopt;
        std::string text = node->text;
        if (text.ends_with('\n')) text.pop_back();
        return text;
    }

    std::unique_ptr<PartsFile> open_file(std::string_view path) const override {
        const MemoryNode* node = find(path, true);
        if (node == nullptr || node->kind != MemoryNode::Kind::file) return nullptr;
        return std::make_unique<MemoryFile>(tree_, node->text);
    }

    std::vector<std::string> list(std::string_view path) const override {
        std::vector<std::string> names;
        const MemoryNode* node = find(path, true);
        if (node == nullptr) return names;
        for (const auto& entry : node->entries) names.push_back(entry.first);
        return names;
    }

    std::unique_ptr<Dir> open(std::string_view path) const override {
        Way way = way_;
        int links = 0;
        if (!walk(way, path, true, links) || way.back()->kind != MemoryNode::Kind::directory) return nullptr;
        return std::make_unique<MemoryDir>(tree_, std::move(way));
    }

    std::unique_ptr<Dir> as_root() const override {
        return std::make_unique<MemoryDir>(tree_, Way{way_.back()});
    }

    std::optional<std::string> link(std::string_view path) const override {
        const MemoryNode* node = find(path, false);
        if (node == nullptr || node->kind != MemoryNode::Kind::link) return std::nullopt;
        return node->text;
    }

  private:
    const MemoryNode* find(std::string_view path, bool follow_last) const {
        Way way = way_;
        int links = 0;
        return walk(way, path, follow_last, links) ? way.back() : nullptr;
    }

    std::shared_ptr<const MemoryNode> tree_;
    Way way_;
};

}  // namespace

MemoryNode* MemoryNode::make(std::string_view path, std::uint64_t& made) {
    MemoryNode* node = this;
    while (!path.empty()) {
        const std::string_view name = take_until(path, '/');
        if (name.empty() || name == ".") continue;
        if (name == ".." || node->kind != Kind::directory) return nullptr;
        auto entry = node->entries.find(name);
        if (entry == node->entries.end()) {
            entry = node->entries.emplace(std::string(name), MemoryNode{}).first;
            ++made;
        }
        node = &entry->second;
    }
    return node;
}

std::unique_ptr<Dir> memory_dir(std::shared_ptr<const MemoryNode> tree, const MemoryNode* root) {
    return std::make_unique<MemoryDir>(std::move(tree), Way{root});
}

}  // namespace torque
