#include "cli/read_layout.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/fd.h"
#include "layout/layout_json.h"

namespace torque {
namespace {

// A layout of 4,096 workers, each with all there is to say, takes 2 MiB.
constexpr std::size_t kLayoutBytesMax = std::size_t{32} << 20;

tl::unexpected<Error> cannot_read(const std::string& name) {
    return fail(std::string("cannot read the layout: ") + std::strerror(errno), name,
                "make one: torque-topo plan --workers 4 > layout.json");
}

Result<std::string> read_all(int fd, const std::string& name) {
    std::string text;
    std::array<char, 65536> chunk;
    while (text.size() <= kLayoutBytesMax) {
        const ssize_t n = ::read(fd, chunk.data(), chunk.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return cannot_read(name);
        if (n == 0) return text;
        text.append(chunk.data(), static_cast<std::size_t>(n));
    }
    return fail("the file is too large for a layout", name);
}

}  // namespace

Result<Layout> read_layout(const std::string& path) {
    const bool is_stdin = path == "-";
    const std::string name = is_stdin ? "standard input" : path;
    const Fd file(is_stdin ? -1 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!is_stdin && !file) return cannot_read(name);
    const Result<std::string> text = read_all(is_stdin ? STDIN_FILENO : file.get(), name);
    if (!text) return tl::unexpected<Error>(text.error());
    return parse_layout(*text, name);
}

}  // namespace torque
