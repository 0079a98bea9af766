#include "tune/apply.h"

#include "catch.h"
#include "fake_kernel.h"
#include "tune/revert.h"

using namespace torque;
using fake::Fate;
using Kind = tune::Change::Kind;
using State = tune::ChangeState;

namespace {

const std::string kControl = "/sys/fs/cgroup/cgroup.subtree_control", kGroup = "/sys/fs/cgroup/torque",
                  kPartition = kGroup + "/cpuset.cpus.partition", kIrq = "/proc/irq/30/smp_affinity_list",
                  kStat = "/proc/sys/vm/stat_interval",
                  kPages = "/sys/kernel/mm/transparent_hugepage/enabled";

const std::vector<tune::Change> kChanges = {
    {Kind::write, kControl, "+cpuset", "a"},
    {Kind::folder, kGroup, "", "b", false},
    {Kind::write, kGroup + "/cpuset.cpus", "4-11", "c", false},
    {Kind::write, kPartition, "isolated", "d", false},
    {Kind::write, kStat, "10", "e"},
    {Kind::interrupt, kIrq, "0-3", "f"},
    {Kind::write, kPages, "never", "g"},
    {Kind::write, "/proc/sys/kernel/soft_watchdog", "0", "h"},
};

// A machine, what its journal holds, and the process that is at work.
struct World {
    Fate fate;
    fake::Kernel kernel{fate};
    std::string text;

    World() {
        kernel.files = {{"/sys/fs/cgroup/cgroup.controllers", "cpuset cpu io\n"},
                        {kControl, "cpu io\n"},
                        {kStat, "1\n"},
                        {kIrq, "0-11\n"},
                        {kPages, "always [madvise] never\n"}};
    }

    OpenJournal open() {
        auto journal = parse_journal(text, "journal");
        REQUIRE(journal.has_value());
        text.resize(journal->bytes);
        return {std::move(*journal), std::make_unique<fake::Log>(text, fate)};
    }

    Result<tune::ChangeRows> apply(const std::vector<tune::Change>& changes = kChanges,
                                   const std::string& boot = "boot-1") {
        OpenJournal open_now = open();
        Journaled files(kernel, *open_now.log, open_now.journal);
        return tune::apply(changes, files, {"apply", boot, "digest"});
    }

    Result<tune::ChangeRows> revert(const tune::Revert& how = {"boot-1"}) {
        OpenJournal open_now = open();
        return tune::revert(open_now, kernel, how);
    }

    bool same(const World& other) const {
        return kernel.files == other.kernel.files && kernel.folders == other.kernel.folders;
    }
};

State state_of(const tune::ChangeRows& rows, const std::string& path) {
    for (const tune::ChangeRow& row : rows) {
        if (row.path == path) return row.state;
    }
    FAIL("no row of " << path);
    return State::failed;
}

}  // namespace

TEST_CASE("apply writes, reads back and tells; revert takes back") {
    World world;
    const World before;
    const auto rows = world.apply();
    REQUIRE(rows.has_value());
    CHECK(count(*rows, State::done) == 7);
    CHECK(state_of(*rows, "/proc/sys/kernel/soft_watchdog") == State::missing);
    CHECK(world.kernel.files.at(kControl) == "cpuset cpu io\n");
    CHECK(world.kernel.files.at(kPartition) == "isolated\n");
    CHECK(world.kernel.files.at(kPages) == "always madvise [never]\n");

    const std::string text = world.text;
    const auto again = world.apply();
    REQUIRE(again.has_value());
    CHECK(count(*again, State::kept) == 7);
    CHECK(world.text == text);  // nothing was done, and so nothing is told

    const auto back = world.revert();
    REQUIRE(back.has_value());
    CHECK(count(*back, State::done) == 7);
    CHECK(back->front().path == kPages);  // the last first
    CHECK(world.same(before));
    CHECK(world.text.empty());
}

TEST_CASE("preview tells the same and writes nothing") {
    World world;
    const World before;
    const auto rows = tune::preview(kChanges, world.kernel);
    CHECK(count(rows, State::planned) == 7);
    CHECK_FALSE(rows[3].now.has_value());  // of a group that is yet to be made
    CHECK(world.fate.step == 0);
    CHECK(world.same(before));
}

TEST_CASE("apply or revert killed at any step: revert ends where apply began") {
    const World before;
    int kills = 0;
    for (const Fate::When when : {Fate::When::before, Fate::When::half, Fate::When::after}) {
        for (int apply_step = 0;; ++apply_step) {
            World killed;
            killed.fate.step_last = apply_step;
            killed.fate.when = when;
            bool survived = true;
            try {
                (void)killed.apply();
            } catch (const fake::Killed&) {
                survived = false;
            }
            for (int revert_step = 0;; ++revert_step) {
                World world = {};
                world.kernel.files = killed.kernel.files;
                world.kernel.folders = killed.kernel.folders;
                world.text = killed.text;
                world.fate.step_last = revert_step;
                world.fate.when = when;
                bool is_through = true;
                try {
                    (void)world.revert();
                } catch (const fake::Killed&) {
                    is_through = false;
                }
                world.fate.step_last = 1 << 20;
                const auto rows = world.revert();
                REQUIRE(rows.has_value());
                INFO("apply killed at " << apply_step << ", revert at " << revert_step);
                REQUIRE(world.same(before));
                REQUIRE(world.text.empty());
                ++kills;
                if (is_through) break;
            }
            if (survived) break;
        }
    }
    CHECK(kills > 500);
}

TEST_CASE("the same file written twice goes back to the first") {
    World world;
    const World before;
    REQUIRE(world.apply({{Kind::write, kStat, "10", ""}}).has_value());
    REQUIRE(world.apply({{Kind::write, kStat, "20", ""}}).has_value());
    REQUIRE(world.revert().has_value());
    CHECK(world.same(before));
}

TEST_CASE("what the kernel refuses or turns into something else is told and left out of the journal") {
    World world;
    const World before;
    world.kernel.refuses = {{kIrq, EIO}, {kStat, EACCES}};
    world.kernel.partition_answer = "isolated invalid (partition config conflicts)\n";
    const auto rows = world.apply();
    REQUIRE(rows.has_value());
    CHECK(state_of(*rows, kIrq) == State::spared);
    CHECK(state_of(*rows, kStat) == State::failed);
    CHECK(state_of(*rows, kPages) == State::done);  // the others are written all the same
    CHECK(state_of(*rows, kPartition) == State::failed);
    CHECK((*rows)[3].note.find("invalid (partition config") != std::string::npos);
    world.kernel.files[kIrq] = "7\n";  // by somebody else: it was never ours
    const auto back = world.revert();
    REQUIRE(back.has_value());
    CHECK(count(*back, State::failed) + count(*back, State::foreign) == 0);
    CHECK(world.kernel.files.at(kIrq) == "7\n");
    CHECK(world.text.empty());
}

TEST_CASE("without control groups of version 2 no folder is made in their place") {
    World world;
    world.kernel.files.erase("/sys/fs/cgroup/cgroup.controllers");
    world.kernel.files.erase(kControl);
    const auto rows = world.apply();
    REQUIRE(rows.has_value());
    CHECK(state_of(*rows, kGroup) == State::failed);
    CHECK(state_of(*rows, kPartition) == State::failed);
    CHECK(state_of(*rows, kStat) == State::done);
    CHECK(world.kernel.folders.empty());
}

TEST_CASE("an interrupt that has yet to move is told of") {
    World world;
    world.kernel.files["/proc/irq/30/effective_affinity_list"] = "7\n";
    const auto rows = world.apply({{Kind::interrupt, kIrq, "0-3", ""}});
    REQUIRE(rows.has_value());
    CHECK(state_of(*rows, kIrq) == State::done);
    CHECK(rows->front().note == "it stays on 7 until it comes the next time");
}

TEST_CASE("an interrupt that is known to be the kernel's is not tried") {
    World world;
    tune::Change change{Kind::interrupt, kIrq, "0-3", ""};
    change.is_managed = true;
    const auto rows = world.apply({change});
    REQUIRE(rows.has_value());
    CHECK(state_of(*rows, kIrq) == State::spared);
    CHECK(world.fate.step == 0);
}

TEST_CASE("what somebody else has changed since is left alone without --force") {
    World world;
    const World before;
    REQUIRE(world.apply().has_value());
    world.kernel.files[kStat] = "60\n";
    world.kernel.files.erase(kIrq);  // its device is gone
    const auto rows = world.revert();
    REQUIRE(rows.has_value());
    CHECK(state_of(*rows, kStat) == State::foreign);
    CHECK(state_of(*rows, kIrq) == State::missing);
    CHECK(world.kernel.files.at(kStat) == "60\n");
    CHECK_FALSE(world.text.empty());
    const auto forced = world.revert({"boot-1", true});
    REQUIRE(forced.has_value());
    CHECK(forced->size() == 1);
    CHECK(world.kernel.files.at(kStat) == "1\n");
    CHECK(world.text.empty());
}

TEST_CASE("a group that is in use stays, and stays in the journal") {
    World world;
    const World before;
    REQUIRE(world.apply().has_value());
    world.kernel.refuses[kGroup] = EBUSY;
    const auto rows = world.revert();
    REQUIRE(rows.has_value());
    CHECK(state_of(*rows, kGroup) == State::failed);
    world.kernel.refuses.clear();
    REQUIRE(world.revert().has_value());
    CHECK(world.same(before));
    CHECK(world.text.empty());
}

TEST_CASE("after another boot nothing of it is left to take back") {
    World world;
    REQUIRE(world.apply().has_value());
    world.kernel.files[kStat] = "33\n";
    const auto rows = world.revert({"boot-2"});
    REQUIRE(rows.has_value());
    CHECK(count(*rows, State::kept) == 7);
    CHECK(world.kernel.files.at(kStat) == "33\n");
    CHECK(world.text.empty());
}

TEST_CASE("a journal does not grow with every boot") {
    World world;
    REQUIRE(world.apply().has_value());
    const std::string text = world.text;
    OpenJournal open = world.open();
    REQUIRE(tune::forget_other_boots(open, "boot-1").has_value());
    CHECK(world.text == text);
    REQUIRE(tune::forget_other_boots(open, "").has_value());  // not known
    CHECK(world.text == text);
    REQUIRE(tune::forget_other_boots(open, "boot-2").has_value());
    CHECK(world.text.empty());
    CHECK(open.journal.bytes == 0);
}

TEST_CASE("without a journal nothing is written") {
    World world;
    const World before;
    Journal journal;
    fake::Log log(world.text, world.fate);
    log.is_full = true;
    Journaled files(world.kernel, log, journal);
    CHECK_FALSE(tune::apply(kChanges, files, {"apply", "", ""}).has_value());
    CHECK(world.same(before));
}

TEST_CASE("a journal that names a stranger's file is not obeyed") {
    for (const char* path :
         {"/etc/passwd", "/proc/sys/kernel/core_pattern", "/sys/fs/cgroup/a/release_agent"}) {
        World world;
        world.kernel.files[path] = "x\n";
        world.text = journal_head() + journal_line(JournalBegin{"apply", "", ""}) +
                     journal_line(JournalStep{JournalStep::Kind::write, path, "evil\n", "x\n"});
        const auto rows = world.revert();
        REQUIRE_FALSE(rows.has_value());
        CHECK(rows.error().what.find(path) != std::string::npos);
        CHECK(world.kernel.files.at(path) == "x\n");
    }
}
