// Messages of the kernel as bytes: what they say, and that anything else says nothing.
#include <sys/inotify.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "catch.h"
#include "serve/events.h"
#include "serve/layout_watch.h"

using namespace torque;
using namespace torque::serve;

namespace {

std::string inotify(std::uint32_t mask, const std::string& name, std::uint32_t padding = 0) {
    inotify_event event{};
    event.wd = 1;
    event.mask = mask;
    event.len = static_cast<std::uint32_t>(name.size()) + padding;
    std::string bytes(reinterpret_cast<const char*>(&event), sizeof event);
    return bytes + name + std::string(padding, '\0');
}

}  // namespace

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
