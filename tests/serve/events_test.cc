// Messages of the kernel as bytes: what they say, and that anything else says nothing.
#include <sys/inotify.h>
#include <unistd.h>

#include <cstring>
#include <random>
#include <string>

#include "catch.h"
#include "serve/events.h"
#include "serve/layout_watch.h"
#include "serve/uevents.h"

using namespace torque;
using namespace torque::serve;

namespace {

std::string message(const std::string& action, const std::string& path, const std::string& subsystem) {
    std::string text = action + "@" + path;
    text += '\0';
    for (const std::string& field :
         {"ACTION=" + action, "DEVPATH=" + path, "SUBSYSTEM=" + subsystem, std::string("SEQNUM=4711")}) {
        text += field;
        text += '\0';
    }
    return text;
}

std::string inotify(std::uint32_t mask, const std::string& name, std::uint32_t padding = 0) {
    inotify_event event{};
    event.wd = 1;
    event.mask = mask;
    event.len = static_cast<std::uint32_t>(name.size()) + padding;
    std::string bytes(reinterpret_cast<const char*>(&event), sizeof event);
    return bytes + name + std::string(padding, '\0');
}

}  // namespace

TEST_CASE("uevents of CPUs and memory") {
    const std::string cpu = "/devices/system/cpu/cpu13", memory = "/devices/system/memory/memory32";
    CHECK(parse_uevent(message("offline", cpu, "cpu")) == Uevent{Uevent::Kind::cpu, 13, false});
    CHECK(parse_uevent(message("online", cpu, "cpu")) == Uevent{Uevent::Kind::cpu, 13, true});
    CHECK(parse_uevent(message("remove", cpu, "cpu")) == Uevent{Uevent::Kind::cpu, 13, false});
    CHECK(parse_uevent(message("offline", memory, "memory")) == Uevent{Uevent::Kind::memory, 32, false});
}

TEST_CASE("uevents that say nothing") {
    const std::string cpu = "/devices/system/cpu/cpu13";
    const std::string good = message("offline", cpu, "cpu");
    for (const std::string& bad :
         {std::string(), std::string("\0", 1), std::string("offline@/devices/system/cpu/cpu1"),
          message("add", cpu, "cpu"), message("offline", cpu, "memory"), message("offline", cpu, ""),
          message("offline", "/devices/system/cpu/cpu", "cpu"), message("offline", cpu + "x", "cpu"),
          message("offline", "/devices/system/cpu/cpu-1", "cpu"),
          message("offline", "/devices/system/cpu/cpu99999999999999999999", "cpu"),
          message("offline", "/devices/pci0000:00/cpu/cpu1", "cpu"), std::string("libudev\0", 8) + good,
          good.substr(0, good.size() - 1), "x" + good}) {
        CHECK_FALSE(parse_uevent(bad));
    }
    for (std::size_t cut = 0; cut < good.size(); ++cut) {
        const auto parsed = parse_uevent(good.substr(0, cut));
        CHECK((!parsed || *parsed == Uevent{Uevent::Kind::cpu, 13, false}));
    }
    std::mt19937 random(1);
    for (int i = 0; i < 20000; ++i) {
        std::string bytes = good;
        for (int n = 0; n < 3; ++n) bytes[random() % bytes.size()] = static_cast<char>(random());
        if (const auto parsed = parse_uevent(bytes)) CHECK(parsed->number >= 0);
    }
}

TEST_CASE("changes of a layout file") {
    const std::string other = inotify(IN_CLOSE_WRITE, "other.json", 6);
    CHECK(judge_inotify(inotify(IN_CLOSE_WRITE, "layout.json", 5), "layout.json") == LayoutChange::changed);
    CHECK(judge_inotify(other + inotify(IN_MOVED_TO, "layout.json", 5) + other, "layout.json") ==
          LayoutChange::changed);
    CHECK(judge_inotify(inotify(IN_Q_OVERFLOW, ""), "layout.json") == LayoutChange::changed);
    CHECK(judge_inotify(other + inotify(IN_IGNORED, ""), "layout.json") == LayoutChange::folder_gone);
    CHECK(judge_inotify(other, "layout.json") == LayoutChange::none);
    CHECK(judge_inotify(inotify(IN_CREATE, "layout.json", 5), "layout.json") == LayoutChange::none);
    CHECK(judge_inotify("", "layout.json") == LayoutChange::none);
    CHECK(judge_inotify("torn", "layout.json") == LayoutChange::none);
    const std::string good = inotify(IN_CLOSE_WRITE, "layout.json", 5);
    CHECK(judge_inotify(good.substr(0, good.size() - 1), "layout.json") == LayoutChange::none);
}

TEST_CASE("a ring tells of times and descriptors, each once") {
    Result<Events> events = Events::open();
    if (!events) return;  // io_uring is off: the programs' tests say so
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    events->watch(ends[0], 7);
    events->set_timer(20, 8);
    events->set_timer(3600 * 1000, 9);
    events->cancel_timer(9);
    CHECK(events->wait().value() == 8);
    REQUIRE(write(ends[1], "x", 1) == 1);
    CHECK(events->wait().value() == 7);
    events->set_timer(20, 10);
    CHECK(events->wait().value() == 10);  // not 7 again, though it is still readable
    events->watch(ends[0], 7);
    CHECK(events->wait().value() == 7);
    for (const int fd : ends) close(fd);
}
