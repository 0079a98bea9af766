#include "sys/files.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/fd.h"

namespace torque {
namespace {

constexpr const char* kBeside = ".torque";  // the new file until it takes the old one's name

class FsFiles final : public Files {
  public:
    explicit FsFiles(Fd root) : root_(std::move(root)) {}

    Content read(const std::string& path) const override {
        const Fd fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
        if (!fd) return {errno, {}};
        Content content;
        std::array<char, 4096> chunk;
        for (;;) {
            const ssize_t n = ::read(fd.get(), chunk.data(), chunk.size());
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return {errno, {}};
            if (n == 0) return content;
            content.bytes.append(chunk.data(), static_cast<std::size_t>(n));
            if (content.bytes.size() > kBytesMax) return {EFBIG, {}};
        }
    }

    int write(const std::string& path, const std::string& bytes) override {
        const Fd fd = open(path, O_WRONLY | O_TRUNC | O_NONBLOCK | O_NOCTTY);
        if (!fd) return errno;
        ssize_t n = 0;
        do {
            n = ::write(fd.get(), bytes.data(), bytes.size());
        } while (n < 0 && errno == EINTR);
        if (n < 0) return errno;
        return static_cast<std::size_t>(n) == bytes.size() ? 0 : EIO;
    }

    int replace(const std::string& given, const std::optional<std::string>& bytes) override {
        const std::string path = behind_links(given);
        if (is_efi_variable(path)) return replace_variable(path, bytes);
        if (!bytes) {
            if (::unlinkat(root_.get(), below(path), 0) != 0 && errno != ENOENT) return errno;
            return sync_folder_of(path);
        }
        const std::string temporary = path + kBeside;
        const int error = write_beside(path, temporary, *bytes);
        if (error == 0 && ::renameat(root_.get(), below(temporary), root_.get(), below(path)) == 0)
            return sync_folder_of(path);
        const int why = error != 0 ? error : errno;
        ::unlinkat(root_.get(), below(temporary), 0);
        return why;
    }

    void discard(const std::string& path) override {
        ::unlinkat(root_.get(), below(behind_links(path) + kBeside), 0);
    }

    int make_folder(const std::string& path) override {
        return ::mkdirat(root_.get(), below(path), 0755) == 0 ? 0 : errno;
    }

    int remove_folder(const std::string& path) override {
        return ::unlinkat(root_.get(), below(path), AT_REMOVEDIR) == 0 ? 0 : errno;
    }

    bool is_folder(const std::string& path) const override {
        struct stat status;
        return ::fstatat(root_.get(), below(path), &status, 0) == 0 && S_ISDIR(status.st_mode);
    }

  private:
    static const char* below(const std::string& path) {
        const char* name = path.c_str();
        while (*name == '/') ++name;
        return *name == '\0' ? "." : name;
    }

    Fd open(const std::string& path, int flags) const {
        return Fd(::openat(root_.get(), below(path), flags | O_CLOEXEC));
    }

    // The path that a link at `path` leads to, or `path`. Absolute ones begin at the root.
    std::string behind_links(std::string path) const {
        constexpr int kLinksMax = 8;
        for (int i = 0; i < kLinksMax; ++i) {
            std::array<char, 4096> target;
            const ssize_t n = ::readlinkat(root_.get(), below(path), target.data(), target.size());
            if (n <= 0) return path;
            const std::string to(target.data(), static_cast<std::size_t>(n));
            path = to.front() == '/' ? to : path.substr(0, path.rfind('/') + 1) + to;
        }
        return path;
    }

    int sync_folder_of(const std::string& path) const {
        const Fd fd = open(path.substr(0, path.rfind('/') + 1), O_RDONLY | O_DIRECTORY);
        return fd && ::fsync(fd.get()) == 0 ? 0 : errno;
    }

    int write_beside(const std::string& path, const std::string& temporary, const std::string& bytes) const {
        struct stat old;
        const bool is_new = ::fstatat(root_.get(), below(path), &old, 0) != 0;
        const Fd fd(::openat(root_.get(), below(temporary),
                             O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (!fd) return errno;
        if (const int error = write_all(fd.get(), bytes); error != 0) return error;
        const bool changes_owner = !is_new && (old.st_uid != ::geteuid() || old.st_gid != ::getegid());
        if (changes_owner && ::fchown(fd.get(), old.st_uid, old.st_gid) != 0) return errno;
        if (::fchmod(fd.get(), is_new ? 0644 : old.st_mode & 07777) != 0) return errno;
        return ::fsync(fd.get()) == 0 ? 0 : errno;
    }

    static int write_all(int fd, std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t n = ::write(fd, bytes.data(), bytes.size());
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return errno;
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
        return 0;
    }

    bool is_efi_variable(const std::string& path) const {
        struct statfs status;
        const Fd folder = open(path.substr(0, path.rfind('/') + 1), O_RDONLY | O_DIRECTORY);
        return folder && ::fstatfs(folder.get(), &status) == 0 && status.f_type == EFIVARFS_MAGIC;
    }

    // By one write(2), the attributes first; the kernel guards all but a few against being changed.
    int replace_variable(const std::string& path, const std::optional<std::string>& bytes) const {
        if (const Fd old = open(path, O_RDONLY)) {
            int flags = 0;
            if (::ioctl(old.get(), FS_IOC_GETFLAGS, &flags) == 0 && (flags & FS_IMMUTABLE_FL) != 0) {
                flags &= ~FS_IMMUTABLE_FL;
                if (::ioctl(old.get(), FS_IOC_SETFLAGS, &flags) != 0) return errno;
            }
        }
        if (!bytes) return ::unlinkat(root_.get(), below(path), 0) == 0 || errno == ENOENT ? 0 : errno;
        const Fd fd(::openat(root_.get(), below(path), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
        if (!fd) return errno;
        const ssize_t n = ::write(fd.get(), bytes->data(), bytes->size());
        if (n < 0) return errno;
        return static_cast<std::size_t>(n) == bytes->size() ? 0 : EIO;
    }

    Fd root_;
};

}  // namespace

Result<std::unique_ptr<Files>> open_files(const std::string& root) {
    Fd fd(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return fail("cannot open the directory: " + std::string(std::strerror(errno)), root);
    return std::make_unique<FsFiles>(std::move(fd));
}

}  // namespace torque
