#include "sys/commands.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/fd.h"

namespace torque {
namespace {

constexpr std::size_t kErrBytesMax = 4096;
constexpr const char* kPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

struct Pipe {
    Fd read, write;
};

std::unique_ptr<Pipe> open_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return nullptr;
    return std::unique_ptr<Pipe>(new Pipe{Fd(ends[0]), Fd(ends[1])});
}

// A file without a name that holds the bytes and is read from its beginning.
Fd memory_file(const std::string& bytes) {
    Fd file(::memfd_create("torque", MFD_CLOEXEC));
    if (!file || ::write(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) ||
        ::lseek(file.get(), 0, SEEK_SET) != 0)
        return {};
    return file;
}

// Titles of a menu are in the system's language, and entries are chosen by them.
std::vector<char*> small_environment() {
    std::vector<char*> kept{const_cast<char*>(kPath)};
    for (char** one = environ; *one != nullptr; ++one) {
        const std::string_view text(*one);
        if (text.starts_with("LANG=") || text.starts_with("LANGUAGE=") || text.starts_with("LC_"))
            kept.push_back(*one);
    }
    kept.push_back(nullptr);
    return kept;
}

class SpawnedCommands final : public Commands {
  public:
    explicit SpawnedCommands(std::string root) : root_(std::move(root)) {}

    bool has(const std::string& path) const override { return ::access((root_ + path).c_str(), X_OK) == 0; }

    Result<CommandDone> run(const std::vector<std::string>& words, std::string in) override {
        const Fd input = memory_file(in);
        const auto out = open_pipe(), err = open_pipe();
        if (!input || !out || !err) return cannot(words, errno);
        const std::string program = root_ + words[0];
        std::vector<char*> arguments{const_cast<char*>(program.c_str())};
        for (std::size_t i = 1; i < words.size(); ++i)
            arguments.push_back(const_cast<char*>(words[i].c_str()));
        arguments.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, input.get(), STDIN_FILENO);
        ::posix_spawn_file_actions_adddup2(&actions, out->write.get(), STDOUT_FILENO);
        ::posix_spawn_file_actions_adddup2(&actions, err->write.get(), STDERR_FILENO);
        ::posix_spawn_file_actions_addchdir_np(&actions, root_.empty() ? "/" : root_.c_str());
        posix_spawnattr_t how;
        ::posix_spawnattr_init(&how);
        ::posix_spawnattr_setflags(&how,
                                   POSIX_SPAWN_SETPGROUP);  // so that its children can be killed with it
        pid_t process = 0;
        const int error = ::posix_spawn(&process, program.c_str(), &actions, &how, arguments.data(),
                                        small_environment().data());
        ::posix_spawnattr_destroy(&how);
        ::posix_spawn_file_actions_destroy(&actions);
        if (error != 0) return cannot(words, error);
        out->write = Fd();
        err->write = Fd();
        return wait_for(words, process, *out, *err);
    }

  private:
    static tl::unexpected<Error> cannot(const std::vector<std::string>& words, int error) {
        return fail(std::string("cannot run it: ") + std::strerror(error), words[0]);
    }

    // Until both pipes are closed, or it has taken or written too much.
    static const char* listen(Pipe& out, Pipe& err, CommandDone& done) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(kSecondsMax);
        std::array<pollfd, 2> ends{{{out.read.get(), POLLIN, 0}, {err.read.get(), POLLIN, 0}}};
        while (ends[0].fd >= 0 || ends[1].fd >= 0) {
            const auto left =
                std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
            if (left.count() <= 0) return "it takes too long";
            if (::poll(ends.data(), ends.size(), static_cast<int>(left.count())) < 0 && errno != EINTR)
                return "cannot hear what it says";
            for (pollfd& one : ends) {
                if (one.fd < 0 || one.revents == 0) continue;
                std::array<char, 65536> chunk;
                const ssize_t n = ::read(one.fd, chunk.data(), chunk.size());
                if (n < 0 && errno == EINTR) continue;
                std::string& text = &one == &ends[0] ? done.out : done.err;
                if (n > 0) text.append(chunk.data(), static_cast<std::size_t>(n));
                if (n <= 0) one.fd = -1;
            }
            if (done.out.size() > kOutBytesMax) return "it writes too much";
            if (done.err.size() > kErrBytesMax) done.err.erase(0, done.err.size() - kErrBytesMax);
        }
        return nullptr;
    }

    static Result<CommandDone> wait_for(const std::vector<std::string>& words, pid_t process, Pipe& out,
                                        Pipe& err) {
        CommandDone done;
        const char* fault = listen(out, err, done);
        if (fault != nullptr) ::kill(-process, SIGKILL);
        int status = 0;
        while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
        }
        if (fault != nullptr) return fail(fault, words[0]);
        done.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        return done;
    }

    std::string root_;
};

}  // namespace

std::unique_ptr<Commands> open_commands(const std::string& root) {
    const std::unique_ptr<char, void (*)(void*)> whole(::realpath(root.c_str(), nullptr), std::free);
    return std::make_unique<SpawnedCommands>(root.empty() || !whole ? root : whole.get());
}

}  // namespace torque
