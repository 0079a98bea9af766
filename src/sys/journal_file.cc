#include "sys/journal_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/fd.h"

namespace torque {
namespace {

tl::unexpected<Error> cannot(const char* what, const std::string& path) {
    const int why = errno;
    return fail(std::string("cannot ") + what + " the journal: " + std::strerror(why), path,
                why == EACCES || why == EPERM ? "root may; or name another with --journal" : "");
}

class JournalFile final : public JournalLog {
  public:
    JournalFile(Fd file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

    Result<void> append(std::string_view lines) override {
        if (auto written = append_later(lines); !written) return written;
        if (::fdatasync(file_.get()) != 0) return cannot("write", path_);
        return {};
    }

    Result<void> append_later(std::string_view lines) override {
        while (!lines.empty()) {
            const ssize_t n = ::write(file_.get(), lines.data(), lines.size());
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return cannot("write", path_);
            lines.remove_prefix(static_cast<std::size_t>(n));
        }
        return {};
    }

    Result<void> clear() override {
        if (::ftruncate(file_.get(), 0) != 0 || ::fsync(file_.get()) != 0) return cannot("clear", path_);
        return {};
    }

  private:
    Fd file_;
    std::string path_;
};

Result<void> refuse_others(int fd, const std::string& path) {
    struct stat status;
    if (::fstat(fd, &status) != 0) return cannot("read", path);
    if (!S_ISREG(status.st_mode)) return fail("the journal is no plain file", path);
    if (status.st_uid != ::geteuid() || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return fail("the journal is another user's, or others may write it: what it says cannot be trusted",
                    path, "run as the user that applied, and allow nobody else to write it");
    }
    return {};
}

Result<std::string> read_text(int fd, const std::string& path) {
    std::string text;
    std::array<char, 65536> chunk;
    for (;;) {
        const ssize_t n = ::read(fd, chunk.data(), chunk.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return cannot("read", path);
        if (n == 0) return text;
        text.append(chunk.data(), static_cast<std::size_t>(n));
        if (text.size() > kJournalBytesMax) return fail("the journal is too long", path);
    }
}

// The name of a new file lasts only when its folder is on the disk.
bool sync_folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == path.npos ? "." : path.substr(0, slash + 1);
    const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return fd && ::fsync(fd.get()) == 0;
}

// What cannot be made shows when the file is opened.
void make_folders_of(const std::string& path) {
    for (std::size_t end = path.find('/', 1); end != path.npos; end = path.find('/', end + 1))
        ::mkdir(path.substr(0, end).c_str(), path.find('/', end + 1) == path.npos ? 0700 : 0755);
}

}  // namespace

Result<OpenJournal> open_journal(const std::string& path) {
    make_folders_of(path);
    Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
    if (!file) return cannot("open", path);
    if (auto fine = refuse_others(file.get(), path); !fine) return tl::unexpected<Error>(fine.error());
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return cannot("lock", path);
        return fail("another torque-topo is writing by this journal", path, "wait until it is done");
    }
    const auto text = read_text(file.get(), path);
    if (!text) return tl::unexpected<Error>(text.error());
    auto journal = parse_journal(*text, path);
    if (!journal) return tl::unexpected<Error>(journal.error());
    // What was torn off must not begin the next line.
    if (journal->bytes < text->size() && ::ftruncate(file.get(), static_cast<off_t>(journal->bytes)) != 0)
        return cannot("mend", path);
    if (!sync_folder_of(path)) return cannot("keep", path);
    return OpenJournal{std::move(*journal), std::make_unique<JournalFile>(std::move(file), path)};
}

Result<Journal> read_journal(const std::string& path) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file && (errno == ENOENT || errno == ENOTDIR)) return Journal{};
    if (!file) return cannot("open", path);
    if (auto fine = refuse_others(file.get(), path); !fine) return tl::unexpected<Error>(fine.error());
    const auto text = read_text(file.get(), path);
    if (!text) return tl::unexpected<Error>(text.error());
    return parse_journal(*text, path);
}

}  // namespace torque
