// Threads bound to CPUs, and what is made of their samples.
#include "measure/bound.h"

#include <sched.h>

#include <atomic>
#include <memory>

#include "catch.h"
#include "measure/summary.h"
#include "sys/confine.h"
#include "sys/memory_dir.h"

using namespace torque;
using namespace torque::measure;

namespace {

std::unique_ptr<Dir> no_files() {
    auto tree = std::make_shared<MemoryNode>();
    return memory_dir(tree, tree.get());
}

}  // namespace

TEST_CASE("every CPU works once, where it should, and all at once") {
    const CpuSet cpus = confined_to();
    REQUIRE_FALSE(cpus.empty());
    std::atomic<int> working = 0, strays = 0, met = 0;
    const auto waiting = run_bound(
        *no_files(), cpus,
        [&](int cpu) {
            if (::sched_getcpu() != cpu) ++strays;
            ++working;
            // Only if all work at once do all see all.
            for (int looks = 0; looks < 100'000'000 && working < cpus.count(); ++looks) ::sched_yield();
            if (working == cpus.count()) ++met;
        },
        [&] { CHECK(confined_to() == cpus); });
    REQUIRE(waiting);
    CHECK(static_cast<int>(waiting->size()) == cpus.count());
    CHECK((*waiting)[0].total == 0);  // the kernel did not tell
    CHECK(working == cpus.count());
    CHECK(met == cpus.count());
    CHECK(strays == 0);
    CHECK(confined_to() == cpus);
}

TEST_CASE("nothing works where one of the CPUs is refused") {
    CpuSet cpus = CpuSet{confined_to().first()};
    cpus.add(8000);
    std::atomic<int> worked = 0;
    const auto waiting = run_bound(
        *no_files(), cpus, [&](int) { ++worked; }, [&] { ++worked; });
    REQUIRE_FALSE(waiting);
    CHECK(waiting.error().what.find("8000") != std::string::npos);
    CHECK(worked == 0);
}

TEST_CASE("the middle of samples and their spread") {
    const Summary summary = summary_of({5, 1, 2, 100, 3, 4, 0, 6});
    CHECK(summary.median == 4);
    CHECK(summary.spread == 4);  // from 2 to 6
    CHECK(summary.samples == 8);
    CHECK(summary_of({7}).median == 7);
    CHECK(summary_of({7}).spread == 0);
    CHECK(summary_of({}).samples == 0);
}
