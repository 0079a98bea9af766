#include "tune/watch.h"

#include "catch.h"

using namespace torque;
using namespace torque::tune;

namespace {

CheckRow row(const std::string& id, CheckStatus status, const std::string& found = "x",
             const std::string& source = "/sys") {
    return {id, status, "wanted", found, source, {}, status == CheckStatus::drift ? "mend it" : ""};
}

std::vector<std::string> ids(const std::vector<CheckRow>& rows) {
    std::vector<std::string> out;
    for (const CheckRow& one : rows) out.push_back(one.id);
    return out;
}

using Ids = std::vector<std::string>;
constexpr CheckStatus kOk = CheckStatus::ok, kDrift = CheckStatus::drift, kUnknown = CheckStatus::not_checked;

}  // namespace

TEST_CASE("watch: what begins to drift and what ends to is news, and nothing is told twice") {
    const CheckReport good{{row("irqs", kOk), row("isolated", kOk)}};
    const CheckReport bad{{row("irqs", kDrift), row("isolated", kOk)}};
    CHECK(news(good, good).empty());
    CHECK(ids(news(good, bad)) == Ids{"irqs"});
    CHECK(news(bad, bad).empty());
    CHECK(ids(news(bad, good)) == Ids{"irqs"});
    CHECK(news(bad, good)[0].status == kOk);
}

TEST_CASE("watch: at the start only drifts are news") {
    CHECK(ids(news({}, {{row("irqs", kDrift), row("isolated", kOk), row("tasks", kUnknown)}})) ==
          Ids{"irqs"});
}

TEST_CASE("watch: another drift is news, other threads are not") {
    CHECK(ids(news({{row("irqs", kDrift, "26 on 4")}}, {{row("irqs", kDrift, "27 on 4")}})) == Ids{"irqs"});
    CHECK(news({{row("tasks", kDrift, "sh (7)")}}, {{row("tasks", kDrift, "sh (9)")}}).empty());
    CHECK(ids(news({{row("tasks", kOk, "none")}}, {{row("tasks", kDrift, "sh (9)")}})) == Ids{"tasks"});
}

TEST_CASE("watch: rows of one name are told apart by their files") {
    const CheckReport before{{row("runtime", kOk, "1", "/sys/a"), row("runtime", kOk, "1", "/sys/b")}};
    const CheckReport after{{row("runtime", kOk, "1", "/sys/a"), row("runtime", kDrift, "2", "/sys/b")}};
    REQUIRE(news(before, after).size() == 1);
    CHECK(news(before, after)[0].source == "/sys/b");
}

TEST_CASE("watch: what cannot be checked any more is news where it was ok") {
    CHECK(ids(news({{row("tasks", kOk)}}, {{row("tasks", kUnknown)}})) == Ids{"tasks"});
    CHECK(news({{row("tasks", kDrift)}}, {{row("tasks", kUnknown)}}).empty());
    CHECK(ids(news({{row("tasks", kUnknown)}}, {{row("tasks", kOk)}})) == Ids{"tasks"});
}

TEST_CASE("watch: where the machine has become another one, a plan that keeps the workers is the mend") {
    Layout layout;
    layout.workers.resize(4);
    CHECK(mend_or_plan(row("worker-cpus", kDrift), layout, "l.json") ==
          "mend it; or torque-topo plan --workers 4 --keep l.json");
    CHECK(mend_or_plan(row("machine", kDrift), layout, "-") == "torque-topo plan --workers 4 --keep LAYOUT");
    CHECK(mend_or_plan(row("irqs", kDrift), layout, "l.json") == "mend it");
    CHECK(mend_or_plan(row("worker-cpus", kOk), layout, "l.json").empty());
}

TEST_CASE("watch: the files to watch are the kernel's") {
    Layout layout;
    layout.runtime = {
        {"/proc/irq/26/smp_affinity_list", "0", ""}, {"/etc/passwd", "", ""}, {"/sys/../etc/shadow", "", ""}};
    const std::vector<std::string> group = {
        "/proc/irq/26/smp_affinity_list", "/sys/fs/cgroup/a/b/cpuset.cpus",
        "/sys/fs/cgroup/a/b/cpuset.cpus.partition", "/sys/fs/cgroup/a/cpuset.cpus",
        "/sys/fs/cgroup/a/cpuset.cpus.partition"};
    CHECK(files_to_watch(layout, "/sys/fs/cgroup/a/b/cpuset.cpus.effective") == group);
    CHECK(files_to_watch(layout, "/sys/fs/cgroup/cpuset.cpus.effective").size() == 1);
    CHECK(files_to_watch(layout, "").size() == 1);
}
