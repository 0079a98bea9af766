#include "sys/text_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/fd.h"

namespace torque {

Result<std::string> read_text_file(const std::string& path, std::size_t bytes_max) {
    const bool is_stdin = path == "-";
    const std::string name = is_stdin ? "standard input" : path;
    const auto cannot_read = [&] { return fail(std::string("cannot read: ") + std::strerror(errno), name); };
    const Fd file(is_stdin ? -1 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!is_stdin && !file) return cannot_read();
    std::string text;
    std::array<char, 65536> chunk;
    while (text.size() <= bytes_max) {
        const ssize_t n = ::read(is_stdin ? STDIN_FILENO : file.get(), chunk.data(), chunk.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return cannot_read();
        if (n == 0) return text;
        text.append(chunk.data(), static_cast<std::size_t>(n));
    }
    return fail("the file is longer than " + std::to_string(bytes_max >> 20) + " MiB", name);
}

}  // namespace torque
