#include "catch.h"
#include "torque/planner.h"
#include "tune/lint.h"
#include "tune/lint_target.h"
#include "unit/plan/worlds.h"

using torque::Machine;
using torque::Profile;
using torque::tune::lint;
using torque::tune::lint_target;
using torque::tune::LintReport;

namespace {

Profile profile() {
    return {"full",
            "",
            {{"isolcpus", "managed_irq,domain,{isolated}", "", "", ""},
             {"nohz_full", "{isolated}", "", "", ""},
             {"rcu_nocbs", "{isolated}", "", "", ""},
             {"rcu_nocb_poll", "", "", "", ""},
             {"irqaffinity", "{housekeeping}", "", "", ""}},
            {{"a", "{isolated_mask} {housekeeping_mask} {isolated}", "why"}}};
}

}  // namespace

TEST_CASE("the model gives a plan's boot line the plan's sets, and lint accepts it") {
    int lines = 0;
    for (const Machine& machine :
         {worlds::i9_12900hk(), worlds::i9_13900kf(), worlds::xeon_2x8(), worlds::epyc_64(),
          worlds::big_little(), worlds::gb10(), worlds::cxl(), worlds::asymmetric()}) {
        for (int workers = 1; workers <= 64; workers += workers < 8 ? 1 : 8) {
            for (auto smt : {torque::SmtPolicy::idle, torque::SmtPolicy::housekeeping}) {
                torque::Request request;
                request.workers = workers;
                request.smt = smt;
                request.core_class = torque::ClassChoice::any;
                const auto layout = torque::plan(machine, profile(), request);
                if (!layout || !layout->boot.cmdline) continue;
                ++lines;
                INFO(*layout->boot.cmdline);
                const LintReport report = lint(*layout->boot.cmdline, lint_target(machine));
                CHECK_FALSE(torque::tune::has_faults(report));
                CHECK(report.effect.isolated == layout->isolated);
                CHECK(report.effect.nohz_full == layout->isolated);
                CHECK(report.effect.rcu_nocbs == layout->isolated);
                CHECK(report.effect.managed_irq == layout->isolated);
                CHECK(report.effect.irq_affinity == layout->housekeeping);
                CHECK(report.effect.kernel_threads == layout->housekeeping);
            }
        }
    }
    CHECK(lines > 100);
}

TEST_CASE("a profile can ask for masks, and for no boot line at all") {
    torque::Request request;
    request.workers = 4;
    Profile only_files = profile();
    only_files.boot.clear();
    const auto layout = torque::plan(worlds::i9_12900hk(), only_files, request);
    REQUIRE(layout.has_value());
    CHECK_FALSE(layout->boot.cmdline.has_value());
    REQUIRE(layout->runtime.size() == 1);
    CHECK(layout->runtime[0].value == "00000ff0 000ff00f 4-11");
}
