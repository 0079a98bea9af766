#include "sys/fs_dir.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/fd.h"

namespace torque {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{16} << 20;

int openat2_call(int dir, const char* path, int flags, std::uint64_t resolve) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags);
    how.resolve = resolve;
    return static_cast<int>(::syscall(SYS_openat2, dir, path, &how, sizeof how));
}

// Reads to the end. With `short_read_ends`, a read that does not fill the buffer is taken for the last one:
// true of sysfs and of files on a disk, and not of procfs, which gives as many whole records as fit.
std::optional<std::string> read_all(int fd, bool short_read_ends) {
    std::array<char, 4096> chunk;
    std::string text;
    for (;;) {
        const ssize_t n = ::read(fd, chunk.data(), chunk.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return std::nullopt;
        text.append(chunk.data(), static_cast<std::size_t>(n));
        if (n == 0 || (short_read_ends && static_cast<std::size_t>(n) < chunk.size())) break;
        if (text.size() > kMaxFileBytes) return std::nullopt;
    }
    if (text.ends_with('\n')) text.pop_back();
    return text;
}

bool is_sysfs(int dir) {
    struct statfs status;
    return ::fstatfs(dir, &status) == 0 && status.f_type == SYSFS_MAGIC;
}

class FsFile final : public PartsFile {
  public:
    explicit FsFile(Fd fd) : fd_(std::move(fd)) {}

    std::string_view read_at(std::uint64_t offset, std::size_t bytes_max) override {
        bytes_max = std::min(bytes_max, kMaxFileBytes);
        if (offset > kMaxFileBytes) return {};
        if (bytes_max > buffer_bytes_) {
            buffer_ = std::make_unique_for_overwrite<char[]>(bytes_max);
            buffer_bytes_ = bytes_max;
        }
        std::size_t have = 0;
        while (have < bytes_max) {  // sysfs and procfs give a page at a time
            const ssize_t n =
                ::pread(fd_.get(), buffer_.get() + have, bytes_max - have, static_cast<off_t>(offset + have));
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0) break;
            have += static_cast<std::size_t>(n);
        }
        return {buffer_.get(), have};
    }

    std::uint64_t size_bytes() const override {
        struct stat status;
        const bool is_known = ::fstat(fd_.get(), &status) == 0 && status.st_size > 0;
        return is_known ? static_cast<std::uint64_t>(status.st_size) : 0;
    }

  private:
    Fd fd_;
    std::unique_ptr<char[]> buffer_;
    std::size_t buffer_bytes_ = 0;
};

// A path for a system call, without an allocation: it is made for every fact. "" is the directory itself.
class Terminated {
  public:
    explicit Terminated(std::string_view path) : fits_(path.size() < text_.size()) {
        if (!fits_) path = {};
        std::memcpy(text_.data(), path.data(), path.size());
        text_[path.size()] = '\0';
        if (path.empty()) std::memcpy(text_.data(), ".", 2);
    }
    explicit operator bool() const { return fits_; }
    const char* get() const { return text_.data(); }

  private:
    std::array<char, 512> text_;
    bool fits_;
};

class FsDir final : public Dir {
  public:
    FsDir(std::shared_ptr<const Fd> root, std::shared_ptr<const Fd> dir, std::string path, Links links,
          bool short_read_ends)
        : root_(std::move(root)),
          dir_(std::move(dir)),
          path_(std::move(path)),
          links_(links),
          short_read_ends_(short_read_ends) {}

    std::optional<std::string> read(std::string_view path) const override {
        // O_NONBLOCK: a fifo in a hostile snapshot must not hang us; sysfs and procfs do not mind.
        const Fd fd = open_at(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
        return fd ? read_all(fd.get(), short_read_ends_) : std::nullopt;
    }

    std::unique_ptr<PartsFile> open_file(std::string_view path) const override {
        Fd fd = open_at(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
        return fd ? std::make_unique<FsFile>(std::move(fd)) : nullptr;
    }

    std::vector<std::string> list(std::string_view path) const override {
        std::vector<std::string> names;
        const Fd fd = open_at(path, O_RDONLY | O_DIRECTORY);
        // getdents64(2) itself: readdir(3) asks for the folder's kind and flags before the first entry.
        alignas(dirent64) std::array<char, 32768> entries;
        for (ssize_t n = 0; fd && (n = ::getdents64(fd.get(), entries.data(), entries.size())) > 0;) {
            for (ssize_t at = 0; at < n;) {
                const auto* entry = reinterpret_cast<const dirent64*>(entries.data() + at);
                const std::string_view name = entry->d_name;
                if (name != "." && name != "..") names.emplace_back(name);
                at += entry->d_reclen;
            }
        }
        std::sort(names.begin(), names.end());
        return names;
    }

    std::unique_ptr<Dir> open(std::string_view path) const override {
        Fd fd = open_at(path, O_PATH | O_DIRECTORY);
        if (!fd) return nullptr;
        const bool short_read_ends = short_read_ends_ || is_sysfs(fd.get());
        return std::make_unique<FsDir>(root_, std::make_shared<const Fd>(std::move(fd)), below(path), links_,
                                       short_read_ends);
    }

    std::unique_ptr<Dir> as_root() const override {
        return std::make_unique<FsDir>(dir_, dir_, ".", links_, short_read_ends_);
    }

    std::optional<std::string> link(std::string_view path) const override {
        std::array<char, 4096> target;
        ssize_t n = -1;
        if (links_ == Links::follow) {
            n = ::readlinkat(dir_->get(), Terminated(path).get(), target.data(), target.size());
        } else if (const Fd fd = open_at(path, O_PATH | O_NOFOLLOW)) {
            n = ::readlinkat(fd.get(), "", target.data(), target.size());
        }
        if (n < 0) return std::nullopt;
        return std::string(target.data(), static_cast<std::size_t>(n));
    }

  private:
    std::string below(std::string_view path) const {
        return path_ == "." ? std::string(path) : path_ + "/" + std::string(path);
    }

    Fd open_at(std::string_view path, int flags) const {
        const Terminated name(path);
        if (!name) return Fd();
        flags |= O_CLOEXEC;
        if (links_ == Links::follow) return Fd(::openat(dir_->get(), name.get(), flags));
        const int fd = openat2_call(dir_->get(), name.get(), flags, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
        if (fd >= 0 || errno != EXDEV) return Fd(fd);
        // A link led out of this directory: resolve the whole path again, from the snapshot's root.
        return Fd(
            openat2_call(root_->get(), below(path).c_str(), flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS));
    }

    std::shared_ptr<const Fd> root_, dir_;
    std::string path_;  // from root_
    Links links_;
    bool short_read_ends_;
};

}  // namespace

Result<std::unique_ptr<Dir>> open_fs_dir(const std::string& path, Links links) {
    auto root = std::make_shared<const Fd>(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!*root) return fail("cannot open the directory: " + std::string(std::strerror(errno)), path);
    if (links == Links::contain) {
        const Fd probe(openat2_call(root->get(), ".", O_PATH | O_CLOEXEC, RESOLVE_IN_ROOT));
        if (!probe && (errno == ENOSYS || errno == EPERM)) return std::unique_ptr<Dir>();
    }
    return std::make_unique<FsDir>(root, root, ".", links, links == Links::contain);
}

}  // namespace torque
