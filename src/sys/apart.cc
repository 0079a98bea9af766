#include "sys/apart.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/fd.h"
#include "base/format.h"
#include "base/parse.h"

namespace torque {
namespace {

// In front of what is answered.
constexpr char kValue = 'v', kError = 'e';

constexpr const char* kSelf = "/proc/self/exe";

constexpr rlim_t kProcessorSecondsMax = 60;

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

bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t n = ::write(fd, text.data(), text.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
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

// A file in memory rather than a pipe: nobody has to feed it while the answer is read.
Fd file_of(std::string_view text) {
    Fd file(::memfd_create("torque", MFD_CLOEXEC));
    if (!file || !write_all(file.get(), text) || ::lseek(file.get(), 0, SEEK_SET) != 0) return Fd();
    return file;
}

// Beside a program that was copied to /tmp, anybody may put a file of this name. What is owned by root, by
// this user or by the owner of this program could as well have been the program. A link counts as itself: in
// a folder like /tmp its owner alone can change it.
bool is_trusted(const std::string& program) {
    struct stat file, self;
    if (::lstat(program.c_str(), &file) != 0) return false;
    if (file.st_uid == 0 || file.st_uid == ::geteuid()) return true;
    return ::stat(kSelf, &self) == 0 && file.st_uid == self.st_uid;
}

// Starts the first program that is there. Returns 0, or the errno of the last one.
int start(const std::vector<std::string>& programs, std::vector<std::string> words, int in, int out,
          pid_t& child) {
    posix_spawn_file_actions_t actions;
    if (const int error = ::posix_spawn_file_actions_init(&actions); error != 0) return error;
    ::posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    words.insert(words.begin(), "torque-apart");
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    int error = ENOENT;
    for (const std::string& program : programs) {
        if (!is_trusted(program)) continue;
        error = ::posix_spawn(&child, program.c_str(), &actions, nullptr, arguments.data(), environ);
        if (error != ENOENT && error != ENOTDIR) break;
    }
    ::posix_spawn_file_actions_destroy(&actions);
    return error;
}

tl::unexpected<Error> cannot_start(int error, const std::vector<std::string>& programs) {
    return fail(
        formatted("cannot be run: {} ({})", std::strerror(error), joined(programs, ", ")), "torque-apart",
        "hwloc is asked by this program: install all of torque, or put it beside the one that you ran");
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

std::vector<std::string> apart_programs() {
    namespace fs = std::filesystem;
    std::vector<fs::path> folders;
    std::error_code error;
    // Of a program that was replaced meanwhile the link has another name, but the folder is still right.
    const fs::path here = fs::read_symlink(kSelf, error).parent_path();
    if (!here.empty()) folders = {here, (here / TORQUE_APART_FROM_PROGRAMS).lexically_normal()};
    folders.insert(folders.end(), {TORQUE_APART_FOLDER, "/usr/libexec/torque"});
    std::vector<std::string> programs;
    for (const fs::path& folder : folders) {
        std::string program = folder / "torque-apart";
        if (std::find(programs.begin(), programs.end(), program) == programs.end())
            programs.push_back(std::move(program));
    }
    return programs;
}

Result<std::string> run_apart(const std::vector<std::string>& words, std::string_view input,
                              const std::string& name, const std::vector<std::string>& programs) {
    const Fd in = file_of(input);
    std::array<int, 2> ends;
    if (!in || ::pipe2(ends.data(), O_CLOEXEC) != 0)
        return fail(formatted("cannot hand it to another program: {}", std::strerror(errno)), name);
    const Fd reader(ends[0]);
    Fd writer(ends[1]);
    pid_t child = 0;
    if (const int error = start(programs, words, in.get(), writer.get(), child); error != 0)
        return cannot_start(error, programs);
    writer = Fd();
    std::string text;
    const bool fits = read_all(reader.get(), kApartAnswerBytesMax, text);
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

void limit_apart(rlim_t memory_bytes_max) {
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, kProcessorSecondsMax);
    if (!kIsSanitized) limit(RLIMIT_AS, memory_bytes_max);
}

int hush_apart() {
    const int answer = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    ::dup2(null, STDOUT_FILENO);
    ::dup2(null, STDERR_FILENO);
    return answer;
}

bool answer_apart(int fd, const Result<std::string>& result) {
    if (result) return write_all(fd, std::string(1, kValue)) && write_all(fd, *result);
    const Error& error = result.error();
    std::string text(1, kError);
    text.append(error.what).push_back('\0');
    text.append(error.where).push_back('\0');
    return write_all(fd, text += error.hint);
}

}  // namespace torque
