#include "sys/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/fd.h"

namespace torque {
namespace {

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

    Fd root_;
};

}  // namespace

Result<std::unique_ptr<Files>> open_files(const std::string& root) {
    Fd fd(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return fail("cannot open the directory: " + std::string(std::strerror(errno)), root);
    return std::make_unique<FsFiles>(std::move(fd));
}

}  // namespace torque
