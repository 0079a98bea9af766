#include "loader/grub_config.h"

#include <algorithm>
#include <optional>

#include "base/format.h"
#include "base/parse.h"

namespace torque::loader {
namespace {

constexpr int kDepthMax = 16;

struct Node {
    std::string title, id;
    bool is_submenu = false, is_unrestricted = false;
    int parent = -1;  // -1: of the menu itself
    std::vector<std::string> lines;
};

// The words of a line as GRUB's shell parts them; quotes and backslashes are taken off. "$name" stays.
std::vector<std::string> shell_words(std::string_view line) {
    std::vector<std::string> words;
    std::string word;
    bool is_word = false;
    char quote = '\0';
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quote == '\0' && (c == ' ' || c == '\t')) {
            if (is_word) words.push_back(std::move(word));
            word.clear();
            is_word = false;
            continue;
        }
        is_word = true;
        if (quote != '\0' && c == quote) {
            quote = '\0';
        } else if (quote == '\0' && (c == '\'' || c == '"')) {
            quote = c;
        } else if (quote != '\'' && c == '\\' && i + 1 < line.size()) {
            word += line[++i];
        } else {
            word += c;
        }
    }
    if (is_word) words.push_back(std::move(word));
    return words;
}

Node node_of(const std::vector<std::string>& words, int parent) {
    Node node;
    node.parent = parent;
    node.is_submenu = words[0] == "submenu";
    for (std::size_t i = 1; i < words.size(); ++i) {
        const bool has_value = i + 1 < words.size();
        if ((words[i] == "--id" || words[i] == "$menuentry_id_option") && has_value) {
            node.id = words[++i];
        } else if ((words[i] == "--class" || words[i] == "--users" || words[i] == "--hotkey") && has_value) {
            ++i;
        } else if (words[i] == "--unrestricted") {
            node.is_unrestricted = true;
        } else if (node.title.empty() && !words[i].starts_with("--") && words[i] != "{") {
            node.title = words[i];
        }
    }
    return node;
}

// The entries of the file, each after the submenu that it is in. Blocks that are no entries, such as
// functions, are passed over.
std::vector<Node> read_menu(std::string_view config) {
    std::vector<Node> nodes;
    std::vector<int> open;  // the blocks around: an index, or -1 for one that is none of the menu
    const auto parent = [&] { return open.empty() ? -1 : open.back(); };
    while (!config.empty()) {
        const std::string_view line = take_line(config), text = trim_space(line);
        const bool opens = text.ends_with('{') && !text.starts_with('#');
        const bool is_entry = text.starts_with("menuentry ") || text.starts_with("submenu ");
        const bool is_inside =
            !open.empty() && open.back() >= 0 && !nodes[static_cast<std::size_t>(open.back())].is_submenu;
        if (text == "}" && !open.empty()) {
            open.pop_back();
        } else if (opens && is_entry && !is_inside && open.size() < kDepthMax) {
            nodes.push_back(node_of(shell_words(text), parent()));
            open.push_back(static_cast<int>(nodes.size()) - 1);
        } else {
            if (is_inside) nodes[static_cast<std::size_t>(open.back())].lines.emplace_back(line);
            if (opens) open.push_back(is_inside ? open.back() : -1);
        }
    }
    return nodes;
}

// The last default that is not the entry for one boot.
std::optional<std::string> default_of(std::string_view config) {
    std::optional<std::string> found;
    while (!config.empty()) {
        std::string_view text = trim_space(take_line(config));
        if (!text.starts_with("set default=")) continue;
        const auto words = shell_words(text.substr(std::string_view("set default=").size()));
        const std::string value = words.empty() ? "" : words[0];
        if (value != "${next_entry}") found = value;
    }
    return found;
}

// "a>b" names b in the submenu a; ">>" is a ">" of a title.
std::vector<std::string> path_parts(std::string_view path) {
    std::vector<std::string> parts(1);
    for (std::size_t i = 0; i < path.size(); ++i) {
        const bool is_double = path[i] == '>' && i + 1 < path.size() && path[i + 1] == '>';
        if (path[i] == '>' && !is_double) {
            parts.emplace_back();
            continue;
        }
        parts.back() += path[i];
        i += is_double;
    }
    return parts;
}

int find_in(const std::vector<Node>& nodes, int parent, const std::string& name) {
    const auto number = parse_unsigned(name, 1 << 20);
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (nodes[i].parent != parent) continue;
        if (number ? count == *number : nodes[i].id == name || nodes[i].title == name)
            return static_cast<int>(i);
        ++count;
    }
    return -1;
}

bool loads_linux(std::string_view word) {
    return word == "linux" || word == "linux16" || word == "linuxefi";
}

// The words "linux FILE" at the line's beginning, and where they end; 0: it is no such line.
std::size_t end_of_kernel(std::string_view line) {
    std::size_t at = line.find_first_not_of(" \t");
    if (at == line.npos) return 0;
    std::size_t end = std::min(line.find_first_of(" \t", at), line.size());
    if (!loads_linux(line.substr(at, end - at))) return 0;
    at = line.find_first_not_of(" \t", end);
    if (at == line.npos) return 0;
    end = std::min(line.find_first_of(" \t", at), line.size());
    return std::min(line.find_first_not_of(" \t", end), line.size());
}

Result<GrubEntry> entry_of(const Node& node) {
    GrubEntry entry;
    entry.title = node.title;
    entry.lines = node.lines;
    entry.is_unrestricted = node.is_unrestricted;
    int count = 0;
    for (std::size_t i = 0; i < node.lines.size(); ++i) {
        const std::size_t begin = end_of_kernel(node.lines[i]);
        if (begin == 0) continue;
        ++count;
        entry.linux = i;
        entry.line_begin = begin;
        entry.line = node.lines[i].substr(begin);
    }
    if (count == 1) return entry;
    return fail(formatted("the default entry \"{}\" loads {}", printable(node.title),
                          count == 0 ? "no Linux kernel" : "several Linux kernels"),
                {}, "choose one that loads a kernel: GRUB_DEFAULT in /etc/default/grub");
}

bool has_line(std::string_view config, std::string_view words) {
    while (!config.empty()) {
        const std::string_view text = trim_space(take_line(config));
        if (!text.starts_with('#') && text.find(words) != text.npos) return true;
    }
    return false;
}

}  // namespace

bool takes_bls_entries(std::string_view config) {
    while (!config.empty()) {
        const std::string_view text = trim_space(take_line(config));
        if (text == "blscfg" || text.starts_with("blscfg ")) return true;
    }
    return false;
}

bool boots_once(std::string_view config) {
    return has_line(config, "load_env") && has_line(config, "set default=\"${next_entry}\"") &&
           has_line(config, "save_env next_entry");
}

bool reads_custom(std::string_view config) {
    return has_line(config, "source ") && has_line(config, "/custom.cfg");
}

Result<GrubEntry> default_entry(std::string_view config, std::string_view saved) {
    std::optional<std::string> name = default_of(config);
    if (!name) return fail("the menu names no default entry", {}, "update-grub writes one that does");
    if (*name == "${saved_entry}") name = saved;
    if (name->empty()) name = "0";
    const std::vector<Node> nodes = read_menu(config);
    int at = -1;
    for (const std::string& part : path_parts(*name)) {
        at = find_in(nodes, at, part);
        if (at < 0) break;
    }
    if (at < 0 || nodes[static_cast<std::size_t>(at)].is_submenu) {
        return fail(formatted("the menu's default \"{}\" is {}", printable(*name),
                              at < 0 ? "none of its entries" : "a submenu"),
                    {}, "GRUB_DEFAULT in /etc/default/grub chooses it; then update-grub");
    }
    return entry_of(nodes[static_cast<std::size_t>(at)]);
}

std::string entry_text(const GrubEntry& entry, std::string_view title, std::string_view id,
                       std::string_view line) {
    std::string out =
        formatted("menuentry '{}' --id {}{} {{\n", title, id, entry.is_unrestricted ? " --unrestricted" : "");
    for (std::size_t i = 0; i < entry.lines.size(); ++i) {
        out += i == entry.linux ? entry.lines[i].substr(0, entry.line_begin) + std::string(line)
                                : entry.lines[i];
        out += '\n';
    }
    return out + "}\n";
}

}  // namespace torque::loader
