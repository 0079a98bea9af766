#include "sys/apart.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>

#include "base/fd.h"
#include "base/parse.h"

namespace torque {
namespace {

// In front of what the child sends.
constexpr char kValue = 'v', kError = 'e';

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kIsSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kIsSanitized = true;
#else
constexpr bool kIsSanitized = false;
#endif
#else
constexpr bool kIsSanitized = false;
#endif

void limit(decltype(RLIMIT_AS) what, rlim_t value) {
    const rlimit both{value, value};
    ::setrlimit(what, &both);
}

void write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t n = ::write(fd, text.data(), text.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(n));
    }
}

// Does not return: the parent's destructors and buffers are not the child's.
[[noreturn]] void be_child(const std::function<Result<std::string>()>& work, int fd,
                           const ApartLimits& limits) {
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, limits.processor_seconds_max);
    if (!kIsSanitized) limit(RLIMIT_AS, limits.memory_bytes_max);
    const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    ::dup2(null, STDOUT_FILENO);
    ::dup2(null, STDERR_FILENO);
    int status = 0;
    try {
        const Result<std::string> result = work();
        std::string text(1, result ? kValue : kError);
        if (result) {
            text += *result;
        } else {
            text.append(result.error().what).push_back('\0');
            text.append(result.error().where).push_back('\0');
            text.append(result.error().hint);
        }
        write_all(fd, text);
    } catch (...) {
        status = 1;  // out of memory
    }
    ::_exit(status);
}

// False when there is more than `max` bytes.
bool read_all(int fd, std::size_t max, std::string& text) {
    std::array<char, 65536> chunk;
    for (;;) {
        const ssize_t n = ::read(fd, chunk.data(), chunk.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return true;
        if (text.size() + static_cast<std::size_t>(n) > max) return false;
        text.append(chunk.data(), static_cast<std::size_t>(n));
    }
}

Result<std::string> result_of(const std::string& text, const std::string& name) {
    const char kind = text.empty() ? '\0' : text.front();
    if (kind == kValue) return text.substr(1);
    if (kind != kError) return fail("the library that reads it sent nonsense", name);
    std::string_view rest = std::string_view(text).substr(1);
    const std::string_view what = take_until(rest, '\0'), where = take_until(rest, '\0');
    return fail(std::string(what), std::string(where), std::string(rest));
}

}  // namespace

Result<std::string> run_apart(const std::function<Result<std::string>()>& work, const std::string& name,
                              const ApartLimits& limits) {
    std::array<int, 2> ends;
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return fail(fmt::format("cannot make a pipe: {}", std::strerror(errno)), name);
    const Fd reader(ends[0]);
    Fd writer(ends[1]);
    const pid_t child = ::fork();
    if (child < 0) return fail(fmt::format("cannot make a process: {}", std::strerror(errno)), name);
    if (child == 0) be_child(work, writer.get(), limits);
    writer = Fd();
    std::string text;
    const bool fits = read_all(reader.get(), limits.result_bytes_max, text);
    if (!fits) ::kill(child, SIGKILL);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!fits) return fail("it makes a machine that is too large", name);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return fail("the library that reads it gave up", name,
                    "the file is damaged, or asks for too much memory or time");
    }
    return result_of(text, name);
}

}  // namespace torque
