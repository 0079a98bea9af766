#include "sys/journaled.h"

#include <cerrno>

namespace torque {

using Kind = JournalStep::Kind;

namespace {

bool is_as_before(const JournalStep& step, const Content& now, const Files& files) {
    if (step.kind == Kind::folder) return !files.is_folder(step.path);
    if (step.kind == Kind::make) return now.error == ENOENT;
    return now.error == 0 && now.bytes == step.before;
}

}  // namespace

Result<void> Journaled::begin(const JournalBegin& what) {
    const bool is_new = journal_.bytes == 0;
    const std::string lines = (is_new ? journal_head() : "") + journal_line(what);
    if (auto done = log_.append(lines); !done) return done;
    journal_.begins.push_back(what);
    journal_.bytes += lines.size();
    return {};
}

Result<std::size_t> Journaled::announce(JournalStep step) {
    const std::string line = journal_line(step);
    if (auto done = log_.append(line); !done) return tl::unexpected<Error>(done.error());
    journal_.bytes += line.size();
    JournalEntry entry;
    entry.step = std::move(step);
    entry.begin = journal_.begins.size() - 1;
    journal_.entries.push_back(std::move(entry));
    return journal_.entries.size() - 1;
}

Result<Journaled::Step> Journaled::finish(std::size_t step, int error) {
    JournalEntry& entry = journal_.entries[step];
    const Content now = files_.read(entry.step.path);
    // What was refused and is as it was is not there to be undone.
    entry.undone = error != 0 && is_as_before(entry.step, now, files_);
    if (!entry.undone) entry.found = now.bytes;
    const std::string line = entry.undone ? journal_undone(step) : journal_done(step, now.bytes);
    if (auto done = log_.append_later(line); !done) return tl::unexpected<Error>(done.error());
    journal_.bytes += line.size();
    return Step{error, now.bytes};
}

Result<Journaled::Step> Journaled::write(const std::string& path, const std::string& bytes) {
    const Content before = files_.read(path);
    if (before.error != 0) return Step{before.error, {}};
    const auto step = announce({Kind::write, path, before.bytes, bytes});
    if (!step) return tl::unexpected<Error>(step.error());
    return finish(*step, files_.write(path, bytes));
}

Result<Journaled::Step> Journaled::replace(const std::string& path, const std::optional<std::string>& bytes) {
    const Content before = files_.read(path);
    if (before.error != 0 && before.error != ENOENT) return Step{before.error, {}};
    const bool was_there = before.error == 0;
    if (!was_there && !bytes) return Step{};
    const Kind kind = !was_there ? Kind::make : bytes ? Kind::replace : Kind::remove;
    const auto step = announce({kind, path, before.bytes, bytes.value_or("")});
    if (!step) return tl::unexpected<Error>(step.error());
    return finish(*step, files_.replace(path, bytes));
}

Result<Journaled::Step> Journaled::make_folder(const std::string& path) {
    if (files_.is_folder(path)) return Step{};
    const auto step = announce({Kind::folder, path, {}, {}});
    if (!step) return tl::unexpected<Error>(step.error());
    return finish(*step, files_.make_folder(path));
}

}  // namespace torque
