#include "sys/journal.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "catch.h"
#include "sys/files.h"
#include "sys/journal_file.h"

namespace fs = std::filesystem;
using namespace torque;
using Kind = JournalStep::Kind;

namespace {

const std::string kText =
    journal_head() + journal_line(JournalBegin{"apply", "b o o t", "d%"}) +
    journal_line(JournalStep{Kind::write, "/proc/a b", "\n", std::string("\0\xff\n", 3)}) +
    journal_done(0, "") + journal_undoing(0) + journal_done(0, "") +
    journal_line(JournalStep{Kind::folder, "/sys/x", "", ""}) + journal_undone(1) +
    journal_line(JournalStep{Kind::make, "/boot/a", "", "x\n"}) +
    journal_line(JournalStep{Kind::replace, "/boot/b", "y", ""}) +
    journal_line(JournalStep{Kind::remove, "/boot/c", "z", ""});

struct Folder {
    Folder() {
        char name[] = "/tmp/torque-test-XXXXXX";
        REQUIRE(::mkdtemp(name) != nullptr);
        path = name;
    }
    ~Folder() { fs::remove_all(path); }
    std::string write(const std::string& name, const std::string& text) const {
        std::ofstream(path / name) << text;
        return path / name;
    }
    fs::path path;
};

std::string content(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("journal: what is written is read, whatever the bytes") {
    const auto journal = parse_journal(kText, "j");
    REQUIRE(journal.has_value());
    CHECK(journal->bytes == kText.size());
    REQUIRE(journal->begins.size() == 1);
    CHECK(journal->begins[0] == JournalBegin{"apply", "b o o t", "d%"});
    REQUIRE(journal->entries.size() == 5);
    CHECK(journal->entries[2].step == JournalStep{Kind::make, "/boot/a", "", "x\n"});
    CHECK(journal->entries[3].step == JournalStep{Kind::replace, "/boot/b", "y", ""});
    CHECK(journal->entries[4].step == JournalStep{Kind::remove, "/boot/c", "z", ""});
    CHECK(journal->entries[0].step ==
          JournalStep{Kind::write, "/proc/a b", "\n", std::string("\0\xff\n", 3)});
    CHECK(journal->entries[0].found == "");
    CHECK_FALSE(journal->entries[1].found.has_value());
    CHECK(journal->entries[1].step.kind == Kind::folder);
    CHECK(journal->entries[1].undone);
    CHECK_FALSE(journal->has_undone_all());
}

TEST_CASE("journal: a torn end has not happened, wherever it is torn") {
    for (std::size_t size = 0; size < kText.size(); ++size) {
        const auto journal = parse_journal(std::string_view(kText).substr(0, size), "j");
        REQUIRE(journal.has_value());
        CHECK(journal->bytes <= size);
        CHECK((journal->bytes == 0 || kText[journal->bytes - 1] == '\n'));
    }
}

TEST_CASE("journal: damage anywhere else is seen and named") {
    for (std::size_t at = 0; at + 1 < kText.size(); ++at) {
        std::string text = kText;
        text[at] = static_cast<char>(text[at] ^ 1);
        INFO(at);
        CHECK_FALSE(parse_journal(text, "j").has_value());
    }
    std::string text = kText;
    text[text.find("apply")] = 'A';
    const auto refused = parse_journal(text, "j");
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().where == "j: line 2");
}

TEST_CASE("journal: lines with the right sum and the wrong content") {
    const auto sum = [](const std::string& line) { return fnv_text(line) + " " + line + "\n"; };
    const std::string begin = journal_head() + sum("begin apply b d");
    for (const std::string line :
         {"", "begin", "begin a b", "write /a b", "write a b c", "write /a/../b b c", "write /a/.. b c",
          "write /%00 b c", "write /%0 b c", "write /%zz b c", "done 0 x", "undone", "undone -1", "undoing",
          "undoing 9", "undoing 0 x", "folder /a b", "write /a b c d", "stranger /a"}) {
        INFO(line);
        CHECK_FALSE(parse_journal(begin + sum(line), "j").has_value());
    }
    CHECK_FALSE(parse_journal(journal_head() + sum("write /a b c"), "j").has_value());  // before any begin
    CHECK_FALSE(parse_journal("something else\n", "j").has_value());
    CHECK(parse_journal(begin + sum("write /a  "), "j").has_value());
}

TEST_CASE("journal file: appended to, mended, locked, cleared") {
    const Folder folder;
    const std::string path = folder.path / "a" / "b" / "journal";
    {
        auto open = open_journal(path);
        REQUIRE(open.has_value());
        CHECK(open->journal.entries.empty());
        REQUIRE(open->log->append(kText).has_value());
        REQUIRE(open->log->append_later("torn").has_value());
        CHECK_FALSE(open_journal(path).has_value());  // one at a time
        CHECK(read_journal(path)->entries.size() == 5);
    }
    auto open = open_journal(path);
    REQUIRE(open.has_value());
    CHECK(open->journal.entries.size() == 5);
    CHECK(content(path) == kText);
    REQUIRE(open->log->clear().has_value());
    CHECK(content(path).empty());
    CHECK(read_journal(folder.path / "none")->entries.empty());
}

TEST_CASE("journal file: what others could have written is not trusted") {
    const Folder folder;
    const std::string path = folder.write("journal", kText);
    REQUIRE(read_journal(path).has_value());
    ::chmod(path.c_str(), 0666);
    CHECK_FALSE(read_journal(path).has_value());
    CHECK_FALSE(open_journal(path).has_value());
    ::chmod(path.c_str(), 0600);
    fs::create_symlink(path, folder.path / "link");
    CHECK_FALSE(read_journal(folder.path / "link").has_value());
    CHECK_FALSE(open_journal(folder.path / "link").has_value());
    CHECK_FALSE(open_journal(folder.path).has_value());
    ::mkfifo((folder.path / "fifo").c_str(), 0600);
    CHECK_FALSE(read_journal(folder.path / "fifo").has_value());
    if (::geteuid() == 0) {
        REQUIRE(::chown(path.c_str(), 1, 1) == 0);
        CHECK_FALSE(read_journal(path).has_value());
    }
}

TEST_CASE("files: each step, and what it answers") {
    const Folder folder;
    folder.write("a", "0123456789\n");
    const auto files = open_files(folder.path);
    REQUIRE(files.has_value());
    Files& all = **files;
    CHECK(all.read("/a").bytes == "0123456789\n");
    CHECK(all.read("/none").error == ENOENT);
    CHECK(all.read("/").error == EISDIR);
    CHECK(all.write("/a", "x\n") == 0);
    CHECK(content(folder.path / "a") == "x\n");
    CHECK(all.write("/none", "x\n") == ENOENT);
    CHECK(all.make_folder("/d") == 0);
    CHECK(all.is_folder("/d"));
    CHECK_FALSE(all.is_folder("/a"));
    CHECK(all.make_folder("/d") == EEXIST);
    folder.write("d/f", "");
    CHECK(all.remove_folder("/d") == ENOTEMPTY);
    fs::remove(folder.path / "d/f");
    CHECK(all.remove_folder("/d") == 0);
    CHECK(all.make_folder("/none/d") == ENOENT);
    folder.write("large", std::string(Files::kBytesMax + 1, 'x'));
    CHECK(all.read("/large").error == EFBIG);
    CHECK_FALSE(open_files(folder.path / "none").has_value());
}

TEST_CASE("files: a file is replaced as a whole, made and taken away, behind links too") {
    const Folder folder;
    const auto files = open_files(folder.path);
    REQUIRE(files.has_value());
    folder.write("old", "before");
    fs::permissions(folder.path / "old", fs::perms(0440));
    fs::create_symlink("old", folder.path / "link");
    CHECK((*files)->replace("/link", "after") == 0);
    CHECK(content(folder.path / "old") == "after");
    CHECK(fs::is_symlink(folder.path / "link"));
    CHECK(fs::status(folder.path / "old").permissions() == fs::perms(0440));
    CHECK((*files)->replace("/new", "x") == 0);
    CHECK(fs::status(folder.path / "new").permissions() == fs::perms(0644));
    CHECK((*files)->replace("/new", std::nullopt) == 0);
    CHECK_FALSE(fs::exists(folder.path / "new"));
    CHECK((*files)->replace("/new", std::nullopt) == 0);
    CHECK((*files)->replace("/none/new", "x") == ENOENT);
    fs::create_directory(folder.path / "place");
    CHECK((*files)->replace("/place", "x") != 0);
    folder.write("old.torque", "cut off");
    (*files)->discard("/link");
    CHECK(std::distance(fs::directory_iterator(folder.path), fs::directory_iterator()) == 3);
}
