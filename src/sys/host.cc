#include "sys/host.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/fd.h"
#include "base/format.h"
#include "base/parse.h"
#include "sys/archive.h"
#include "sys/cpuid_dump.h"
#include "sys/cpuid_live.h"
#include "sys/fs_dir.h"

namespace torque {
namespace {

constexpr std::size_t kHeadBytes = 65536;
constexpr std::size_t kTextBytesMax = std::size_t{64} << 20;
constexpr int kSearchDepthMax = 8;        // folders above sys/ in a snapshot
constexpr std::size_t kSearchMax = 2000;  // folders looked at to find it

constexpr const char* kKinds =
    "an input is a snapshot (a folder or a tar archive that holds sys/ or proc/), a folder of CPUID files "
    "(pu0, pu1, "
    "...), "
    "a text dump of CPUID, a torque.machine/1 document, hwloc XML, or an hwloc description such as \"pack:2 "
    "core:4 pu:2\"";

bool is_pu_file(const std::string& name) {
    return pu_file_cpu(name).has_value();
}

// The nearest folder that holds sys/ and the nearest that holds CPUID files, searched level by level.
// `proc_only`: the nearest that holds proc/ alone, as of a container without sysfs.
void find_roots(std::unique_ptr<Dir> top, Host& host, std::unique_ptr<Dir>& proc_only) {
    std::vector<std::unique_ptr<Dir>> level;
    level.push_back(std::move(top));
    std::size_t searched = 0;
    for (int depth = 0; depth <= kSearchDepthMax && !level.empty() && !(host.root && host.cpuid); ++depth) {
        std::vector<std::unique_ptr<Dir>> next;
        for (const auto& dir : level) {
            if (++searched > kSearchMax) return;
            const std::vector<std::string> names = dir->list("");
            const bool has_cpuid = !host.cpuid && std::any_of(names.begin(), names.end(), is_pu_file);
            if (has_cpuid) host.cpuid = cpuid_from_pu_files(*dir, names, host.name);
            if (dir->open("sys/devices") != nullptr || dir->open("sys/bus") != nullptr) {
                if (!host.root) host.root = dir->as_root();
                // As `gather` packs it: CPUID beside sys/ and proc/.
                if (auto beside = host.cpuid ? nullptr : dir->open("cpuid"))
                    next.push_back(std::move(beside));
                continue;
            }
            // Also where it cannot be read: who looks for CPUs in it says so.
            const std::vector<std::string> proc = proc_only ? std::vector<std::string>{} : dir->list("proc");
            if (std::binary_search(proc.begin(), proc.end(), "cpuinfo")) proc_only = dir->as_root();
            for (const std::string& name : names) {
                if (next.size() > kSearchMax) break;
                if (name == "proc" || name == "sys") continue;
                if (has_cpuid && host.cpuid && is_pu_file(name)) continue;
                if (auto below = dir->open(name)) next.push_back(std::move(below));
            }
        }
        level = std::move(next);
    }
}

Result<Host> host_in(std::unique_ptr<Dir> top, const std::string& name) {
    Host host;
    host.name = name;
    std::unique_ptr<Dir> proc_only;
    find_roots(std::move(top), host, proc_only);
    if (!host.root) host.root = std::move(proc_only);
    if (!host.root && !host.cpuid)
        return fail("there is neither sys/ nor proc/cpuinfo nor CPUID data in it", name, kKinds);
    return host;
}

// For kernels and sandboxes without openat2(2): a copy in memory, in which we resolve the links ourselves.
Result<std::shared_ptr<const MemoryNode>> copy_folder(const std::string& path) {
    namespace fs = std::filesystem;
    const ArchiveLimits limits;
    auto tree = std::make_shared<MemoryNode>();
    std::uint64_t entries = 0, bytes = 0;
    std::error_code error;
    for (fs::recursive_directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
        const fs::path relative = at->path().lexically_relative(path);
        const auto status = at->symlink_status(error);
        const bool is_link = fs::is_symlink(status);
        if (++entries > limits.entries_max) return fail("the folder is too large to be a snapshot", path);
        if (!is_link && !fs::is_regular_file(status)) continue;
        MemoryNode* node = tree->make(relative.string());
        if (node == nullptr) continue;
        node->kind = is_link ? MemoryNode::Kind::link : MemoryNode::Kind::file;
        if (is_link) {
            node->text = fs::read_symlink(at->path(), error).string();
            continue;
        }
        const auto parent = open_fs_dir(at->path().parent_path().string(), Links::follow);
        if (parent) node->text = (*parent)->read(at->path().filename().string()).value_or("");
        bytes += node->text.size();
        if (bytes > limits.total_bytes_max) return fail("the folder is too large to be a snapshot", path);
    }
    if (error) return fail("cannot read the folder: " + error.message(), path);
    return std::shared_ptr<const MemoryNode>(std::move(tree));
}

Result<Input> as_input(Result<Host> host) {
    if (!host) return tl::unexpected<Error>(host.error());
    return Input(std::move(*host));
}

Result<Host> open_folder(const std::string& path) {
    auto dir = open_fs_dir(path, Links::contain);
    if (!dir) return tl::unexpected<Error>(dir.error());
    if (*dir != nullptr) return host_in(std::move(*dir), path);
    const auto copy = copy_folder(path);
    if (!copy) return tl::unexpected<Error>(copy.error());
    return host_in(memory_dir(*copy, copy->get()), path);
}

// Reads from `fd` until `text` has `max` bytes or the input ends.
Result<void> read_up_to(int fd, std::size_t max, std::string& text, const std::string& name) {
    std::size_t have = text.size();
    while (have < max) {
        text.resize(std::min(max, std::max(have * 2, kHeadBytes)));
        const ssize_t n = ::read(fd, text.data() + have, text.size() - have);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail(formatted("cannot read: {}", std::strerror(errno)), name);
        if (n == 0) break;
        have += static_cast<std::size_t>(n);
    }
    text.resize(have);
    return {};
}

// The first character that is no space tells: no other input starts with a brace or an angle bracket.
// Comments may come before the brace.
std::optional<Document::Kind> document_kind(std::string_view head) {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (head.starts_with(kByteOrderMark)) head.remove_prefix(kByteOrderMark.size());
    head.remove_prefix(std::min(head.find_first_not_of(" \t\r\n"), head.size()));
    if (head.starts_with('{') || head.starts_with("//") || head.starts_with("/*"))
        return Document::Kind::json;
    if (head.starts_with("<?xml") || head.starts_with("<!DOCTYPE") || head.starts_with("<topology")) {
        return Document::Kind::xml;
    }
    return std::nullopt;
}

// "pack:2 [numa] l3:2 core:8 pu:2": words that begin with a letter or a bracket, hold a colon each or are in
// brackets or parentheses, and end in a number of CPUs.
bool looks_synthetic(std::string_view text) {
    constexpr std::size_t kSyntheticMax = 4096;
    text = trim_space(text);
    if (text.empty() || text.size() > kSyntheticMax || text.find('/') != text.npos) return false;
    const auto is_fine = [](unsigned char c) {
        return std::isalnum(c) != 0 || std::strchr(" :[]()=,.-_", c) != nullptr;
    };
    if (!std::all_of(text.begin(), text.end(), is_fine)) return false;
    const std::size_t colon = text.rfind(':');
    if (colon == text.npos) return false;
    const bool starts_well =
        std::isalpha(static_cast<unsigned char>(text.front())) != 0 || text.front() == '[';
    return starts_well &&
           std::isdigit(static_cast<unsigned char>(text[std::min(colon + 1, text.size() - 1)])) != 0;
}

Result<Input> cpuid_input(const std::string& text, const std::string& name) {
    auto source = cpuid_from_text(text, name);
    if (!source) return tl::unexpected<Error>(source.error());
    Host host;
    host.name = name;
    host.cpuid = std::move(*source);
    return host;
}

// An archive, or a text that is compressed.
Result<Input> open_packed(int fd, std::string head, const std::string& name) {
    Result<Packed> packed = read_packed(fd, std::move(head), name, kTextBytesMax - 1);
    if (!packed) return tl::unexpected<Error>(packed.error());
    if (packed->tree != nullptr) return as_input(host_in(memory_dir(packed->tree, packed->tree.get()), name));
    if (const auto kind = document_kind(packed->text)) {
        if (packed->text.size() > Document::kBytesMax)
            return fail(formatted("the document is longer than {} MiB", Document::kBytesMax >> 20), name);
        return Document{*kind, std::move(packed->text), name};
    }
    if (looks_like_cpuid_text(packed->text)) return cpuid_input(packed->text, name);
    return fail("there is no machine in what it unpacks to", name, kKinds);
}

Result<Input> open_stream(int fd, const std::string& name) {
    std::string head;
    if (auto read = read_up_to(fd, kHeadBytes, head, name); !read) return tl::unexpected<Error>(read.error());
    if (head.empty()) return fail("the input is empty", name, kKinds);
    if (const auto kind = document_kind(head)) {
        constexpr std::size_t kMax = Document::kBytesMax;
        if (auto read = read_up_to(fd, kMax + 1, head, name); !read)
            return tl::unexpected<Error>(read.error());
        if (head.size() > kMax)
            return fail(formatted("the document is longer than {} MiB", kMax >> 20), name);
        return Document{*kind, std::move(head), name};
    }
    if (looks_like_cpuid_text(head)) {
        if (auto read = read_up_to(fd, kTextBytesMax, head, name); !read)
            return tl::unexpected<Error>(read.error());
        if (head.size() == kTextBytesMax) return fail("the CPUID dump is longer than 64 MiB", name);
        return cpuid_input(head, name);
    }
    return open_packed(fd, std::move(head), name);
}

}  // namespace

Host live_host() {
    Host host;
    host.name = "live";
    host.is_live = true;
    auto root = open_fs_dir("/", Links::follow);
    if (root) host.root = std::move(*root);
    CpuSet online;
    if (host.root) {
        const auto text = host.root->read("sys/devices/system/cpu/online");
        if (const auto set = CpuSet::parse_list(text.value_or(""))) online = *set;
    }
    host.cpuid = cpuid_live(online);
    return host;
}

Result<Input> open_input(const std::string& path) {
    if (path == "-") return open_stream(STDIN_FILENO, "standard input");
    struct stat status;
    if (::stat(path.c_str(), &status) != 0) {
        if (errno == ENOENT && looks_synthetic(path)) return Document{Document::Kind::synthetic, path, path};
        return fail(formatted("cannot open: {}", std::strerror(errno)), path);
    }
    if (S_ISDIR(status.st_mode)) return as_input(open_folder(path));
    const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return fail(formatted("cannot open: {}", std::strerror(errno)), path);
    return open_stream(fd.get(), path);
}

Result<Host> open_host(const std::string& path) {
    Result<Input> input = open_input(path);
    if (!input) return tl::unexpected<Error>(input.error());
    if (auto* host = std::get_if<Host>(&*input)) return std::move(*host);
    return fail("it describes a machine and does not hold its files", path,
                "a folder or an archive that holds sys/, or a CPUID dump, would do");
}

}  // namespace torque
