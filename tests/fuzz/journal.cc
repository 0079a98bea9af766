// Journals: the parser on any bytes, and what it takes is written back to the same; revert of what it takes
// touches no file that is not for it.
#include "sys/journal.h"

#include <cerrno>
#include <map>

#include "base/parse.h"
#include "claim.h"
#include "sys/files.h"
#include "sys/journal_file.h"
#include "tune/boot_files.h"
#include "tune/revert.h"
#include "tune/tuning_files.h"

namespace {

class NoFiles final : public torque::Files {
  public:
    torque::Content read(const std::string& path) const override {
        return path.size() % 3 == 0 ? torque::Content{ENOENT, {}} : torque::Content{0, path};
    }
    int write(const std::string& path, const std::string&) override { return touch(path); }
    int replace(const std::string& path, const std::optional<std::string>&) override {
        return touch_whole(path);
    }
    void discard(const std::string& path) override { touch_whole(path); }
    int make_folder(const std::string& path) override { return touch(path); }
    int remove_folder(const std::string& path) override { return touch(path + "/cpuset.cpus"); }
    bool is_folder(const std::string& path) const override { return path.size() % 2 == 0; }

  private:
    static int touch(const std::string& path) {
        fuzz::claim(torque::tune::is_tuning_file(path), "no other file is touched");
        return path.size() % 5 == 0 ? EIO : 0;
    }
    static int touch_whole(const std::string& path) {
        fuzz::claim(torque::tune::is_boot_file(path), "no other file is replaced");
        return path.size() % 5 == 0 ? EIO : 0;
    }
};

class NoLog final : public torque::JournalLog {
  public:
    torque::Result<void> append(std::string_view) override { return {}; }
    torque::Result<void> append_later(std::string_view) override { return {}; }
    torque::Result<void> clear() override { return {}; }
};

// Each line with the sum that it should have: else hardly any would be read on.
std::string with_sums(std::string_view rest) {
    std::string text = torque::journal_head();
    while (!rest.empty()) {
        const std::string_view line = torque::take_line(rest);
        text += torque::fnv_text(line) + ' ' + std::string(line) + '\n';
    }
    return text;
}

void check(std::string_view text) {
    auto journal = torque::parse_journal(text, "fuzz");
    if (!journal) return;
    fuzz::claim(journal->bytes <= text.size(), "no more than there is");
    for (const torque::JournalEntry& entry : journal->entries) {
        const std::string again = torque::journal_head() +
                                  torque::journal_line(journal->begins[entry.begin]) +
                                  torque::journal_line(entry.step);
        const auto read = torque::parse_journal(again, "again");
        fuzz::claim(read && read->entries.size() == 1 && read->entries[0].step == entry.step,
                    "a step that is written is read as the same");
    }
    NoFiles files;
    torque::tune::preview_revert(*journal, files, {});
    torque::OpenJournal open{std::move(*journal), std::make_unique<NoLog>()};
    (void)torque::tune::revert(open, files, {"boot", text.size() % 2 == 0});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    check(text);
    check(with_sums(text));
    return 0;
}
