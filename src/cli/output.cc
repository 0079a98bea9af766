#include "cli/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/fd.h"
#include "base/format.h"

namespace torque {
namespace {

tl::unexpected<Error> cannot_write(const std::string& path) {
    return fail(std::string("cannot write: ") + std::strerror(errno), path == "-" ? "standard output" : path);
}

}  // namespace

bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t n = ::write(fd, text.data(), text.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

void keep_standard_descriptors() {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(fd, F_GETFD) >= 0) continue;
        // It gets the lowest free number, which is this one.
        if (::open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_WRONLY) < 0) return;
    }
}

void say(std::string_view text) {
    if (!write_all(STDERR_FILENO, text)) return;  // there is nowhere else to say it
}

void print_error(const Error& error) {
    const std::string where = error.where.empty() ? "" : error.where + ": ";
    say(formatted("torque-topo: error: {}{}\n", where, error.what));
    if (!error.hint.empty()) say(formatted("hint: {}\n", error.hint));
}

Result<void> write_output(const std::string& path, std::string_view text) {
    if (path == "-") {
        if (!write_all(STDOUT_FILENO, text)) return cannot_write(path);
        return {};
    }
    const std::string temporary = path + ".tmp." + std::to_string(::getpid());
    {
        const Fd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
        if (!fd) return cannot_write(path);
        if (!write_all(fd.get(), text) || ::fsync(fd.get()) != 0) {
            const auto error = cannot_write(path);
            ::unlink(temporary.c_str());
            return error;
        }
    }
    if (std::rename(temporary.c_str(), path.c_str()) != 0) {
        const auto error = cannot_write(path);
        ::unlink(temporary.c_str());
        return error;
    }
    return {};
}

}  // namespace torque
