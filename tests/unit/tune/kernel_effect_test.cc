#include "tune/kernel_effect.h"

#include <algorithm>

#include "catch.h"
#include "unit/tune/targets.h"

using torque::CpuSet;
using torque::tune::Event;
using torque::tune::KernelEffect;
using torque::tune::KernelRelease;
using torque::tune::KernelTarget;
using torque::tune::parse_config;
using torque::tune::parse_release;
using torque::tune::simulate;

namespace {

// What kernels 6.1 and 6.12 were seen to do with a line on 20 CPUs. A null list was not looked at.
struct Measured {
    const char* line;
    const char* isolated;
    const char* nohz_full;
    const char* rcu_nocbs;
    const char* irq_affinity;
    const char* init_cpus = nullptr;
    const char* kernel_threads = nullptr;
    const char* unbound_workqueues = nullptr;
};

constexpr const char* kAll = "0-19";
constexpr const char* kRest = "0-3,12-19";

const Measured kMeasured[] = {
    {"", "", "", "", kAll, kAll, kAll, kAll},
    {"isolcpus=managed_irq,domain,4-11", "4-11", "", "", kAll, kRest, kAll, kRest},
    {"isolcpus=managed_irq,domain:4-11 nohz_full=4-11 rcu_nocbs=4-11 rcu_nocb_poll irqaffinity=0-3,12-19", "",
     "4-11", "4-11", kRest, kAll},
    {"isolcpus=managed_irq,domain,4-11 nohz_full=4-11 rcu_nocbs=4-11 rcu_nocb_poll irqaffinity=0-3,12-19",
     "4-11", "4-11", "4-11", kRest, kRest, kRest, kRest},
    {"isolcpus=foo,4-11", "4-11", "", "", kAll, kRest},
    {"isolcpus=4-11", "4-11", "", "", kAll, kRest},
    {"isolcpus=domain, 4-11", "", "", "", kAll, kAll},
    {"isolcpus=domain,4-25", "", "", "", kAll, kAll},
    {"isolcpus=domain,all", "", "", "", kAll, kAll},
    {"isolcpus=all", "", "", "", kAll, kAll},
    {"isolcpus=domain,11-4", "", "", "", kAll, kAll},
    {"isolcpus=domain,0-19", "1-19", "", "", kAll, "0"},
    {"isolcpus=domain,4-7 isolcpus=managed_irq,4-11", "4-7", "", "", kAll},
    {"isolcpus=domain,4-7 isolcpus=domain,8-11", "4-7", "", "", kAll},
    {"isolcpus=nohz,domain,4-7 nohz_full=4-11", "4-7", "4-7", "4-7", kAll, nullptr, kAll},
    {"isolcpus=domain,4-7 nohz_full=4-11", "4-7", "4-11", "4-11", kAll},
    {"isolcpus=managed_irq,4-11", "", "", "", kAll, kAll},
    {"isolcpus=managed_irq,foo,4-11", "", "", "", kAll, kAll},
    {"isolcpus=domain,4-x nohz_full=4- rcu_nocbs=a-b irqaffinity=0-3,z", "", "", kAll, "0-3"},
    {"isolcpus=managed_irq,domain,18-40 nohz_full=18-40 rcu_nocbs=18-40", "", "", kAll, kAll},
    {"isolcpus=managed_irq,domain,0-11 nohz_full=0-11 rcu_nocbs=0-11 irqaffinity=12-19", "0-11", "1-11",
     "0-11", "0,12-19", "12-19", "0"},
    {"isolcpus=domain,0-19:1/2", "0,2,4,6,8,10,12,14,16,18", "", "", kAll},
    {"isolcpus=domain,12-N nohz_full=12-N", "12-19", "12-19", "12-19", kAll},
    {"isolcpus=4-11:1/2", "4,6,8,10", "", "", kAll},
    {"nohz_full=4-11", "", "4-11", "4-11", kAll, kAll, kRest, kRest},
    {"nohz_full=0-11", "", "1-11", "1-11", kAll, nullptr, "0", "12-19"},
    {"nohz_full=0-19", "", "1-19", "1-19", kAll},
    {"irqaffinity=2-3", "", "", "", "0,2-3"},
    {"irqaffinity=foo", "", "", "", "0"},
    {"irqaffinity=30-40", "", "", "", "0"},
    {"rcu_nocbs=4-11", "", "", "4-11", kAll, kAll, kAll},
    {"rcu_nocbs", "", "", "", kAll},
    {"rcu_nocbs=all", "", "", kAll, kAll},
};

bool holds(const KernelEffect& effect, Event event) {
    return std::any_of(effect.incidents.begin(), effect.incidents.end(),
                       [=](const auto& incident) { return incident.event == event; });
}

}  // namespace

TEST_CASE("the model does what kernels were seen to do") {
    for (const Measured& row : kMeasured) {
        INFO(row.line);
        const KernelEffect effect = simulate(row.line, targets::hybrid());
        CHECK(effect.isolated.list() == row.isolated);
        CHECK(effect.nohz_full.list() == row.nohz_full);
        CHECK(effect.rcu_nocbs.list() == row.rcu_nocbs);
        CHECK(effect.irq_affinity.list() == row.irq_affinity);
        if (row.init_cpus) CHECK(effect.init_cpus.list() == row.init_cpus);
        if (row.kernel_threads) CHECK(effect.kernel_threads.list() == row.kernel_threads);
        if (row.unbound_workqueues) CHECK(effect.unbound_workqueues.list() == row.unbound_workqueues);
    }
}

TEST_CASE("what the kernel refuses goes to init, word for word") {
    const auto for_init = [](const char* line) { return simulate(line, targets::hybrid()).for_init; };
    CHECK(for_init("isolcpus=domain:4-11 nohz_full=4-11") ==
          std::vector<std::string>{"isolcpus=domain:4-11"});
    CHECK(for_init("nohz-full=\"4-11, 30\"") == std::vector<std::string>{"nohz-full=4-11, 30"});
    CHECK(for_init("isolcpus nohz_full irqaffinity").size() == 3);
    CHECK(for_init("isolcpus=4-11 rcu_nocbs=99 irqaffinity=99").empty());
}

TEST_CASE("names and quotes are read as the kernel reads them") {
    const auto effect = [](const char* line) { return simulate(line, targets::hybrid()); };
    CHECK(effect("nohz-full=4-11").nohz_full.list() == "4-11");
    CHECK(effect("\"isolcpus=domain,4-7 9\"").isolated.list() == "4-7,9");
    CHECK(effect("isolcpus=\"4-7 9\"").isolated.list() == "4-7,9");
    CHECK(effect("ISOLCPUS=4-7").isolated.empty());
    CHECK(effect("-- isolcpus=4-7").isolated.empty());
    CHECK(effect("rcu_nocb_poll=0").rcu_nocb_poll);
    CHECK_FALSE(effect("rcu_nocbs=4").rcu_nocb_poll);
    CHECK(effect("isolcpus=domain,managed_irq,4-11").managed_irq.list() == "4-11");
    CHECK(effect("workqueue.unbound_cpus=0-3").unbound_workqueues.list() == "0-3");
    CHECK(effect("workqueue.unbound_cpus=0-30").unbound_workqueues.list() == "0-19");
    CHECK(effect("irqaffinity=0-7 irqaffinity=0-3").irq_affinity.list() == "0-3");
    CHECK(holds(effect("irqaffinity=0-7 irqaffinity=0-3"), Event::replaced));
    CHECK_FALSE(holds(effect("irqaffinity=0-3 irqaffinity=0-3"), Event::replaced));
}

TEST_CASE("CPUs that are possible and not plugged in may be named") {
    const KernelTarget half = targets::plain(8, 4);
    CHECK(simulate("isolcpus=2-7 nohz_full=2-7", half).isolated.list() == "2-7");
    CHECK(simulate("isolcpus=2-9", half).isolated.empty());
    CHECK(simulate("isolcpus=0-3", half).isolated.list() == "1-3");  // none of 4-7 could keep house
}

TEST_CASE("the line can change how many CPUs there are") {
    const auto isolated = [](const char* line) { return simulate(line, targets::hybrid()).isolated.list(); };
    CHECK(isolated("isolcpus=4-11 nr_cpus=8") == "");
    CHECK(isolated("isolcpus=4-7 nr_cpus=8") == "4-7");
    CHECK(isolated("isolcpus=4-N nr_cpus=8") == "4-7");
    CHECK(isolated("isolcpus=18-23 possible_cpus=24") == "18-23");
    CHECK(isolated("isolcpus=4-11 maxcpus=8") == "4-11");
    CHECK(isolated("isolcpus=0-7 maxcpus=8") == "1-7");
    CHECK(isolated("isolcpus=4-7 nr_cpus=0") == "4-7");
}

TEST_CASE("a kernel that is built without a thing does not do it") {
    KernelTarget target = targets::hybrid();
    target.config =
        parse_config("CONFIG_CPU_ISOLATION=y\n# CONFIG_NO_HZ_FULL is not set\nCONFIG_RCU_NOCB_CPU=y\n");
    const KernelEffect effect = simulate("isolcpus=domain,4-11 nohz_full=4-11 rcu_nocbs=4-11", target);
    CHECK(effect.isolated.list() == "4-11");
    CHECK(effect.nohz_full.empty());
    CHECK(effect.rcu_nocbs.list() == "4-11");
    CHECK(effect.for_init == std::vector<std::string>{"nohz_full=4-11"});
    CHECK(simulate("isolcpus=nohz,domain,4-11", target).isolated.empty());
    target.config = parse_config("CONFIG_SMP=y\n");
    CHECK(simulate("isolcpus=4-11 rcu_nocbs=4-11 rcu_nocb_poll", target).for_init.size() == 3);
    CHECK(simulate("rcu_nocbs=4-11", target).rcu_nocbs.empty());
}

TEST_CASE("a line that is too long is read up to where it is cut") {
    std::string line = "isolcpus=4-11 " + std::string(2030, 'x') + " nohz_full=4-11";
    const KernelEffect effect = simulate(line, targets::hybrid());
    CHECK(effect.is_cut);
    CHECK(effect.isolated.list() == "4-11");
    CHECK(effect.nohz_full.empty());
    CHECK_FALSE(simulate(std::string(2047, 'x'), targets::hybrid()).is_cut);
}

TEST_CASE("releases") {
    CHECK(parse_release("6.1.0-28-amd64") == KernelRelease{6, 1});
    CHECK(parse_release("6.12") == KernelRelease{6, 12});
    CHECK(KernelRelease{6, 1} < KernelRelease{6, 12});
    CHECK_FALSE(parse_release("six.one").has_value());
    CHECK_FALSE(parse_release("").has_value());
}

TEST_CASE("no text and no machine is too odd for the model") {
    for (const char* line :
         {"isolcpus=", "isolcpus=,,,", "isolcpus=all,all,", "nohz_full==", "irqaffinity=-", "=", "\"",
          "isolcpus=domain,domain,domain", "nr_cpus=99999999999999999999", "possible_cpus=1", "rcu_nocbsx=4",
          "isolcpus=4294967295", "isolcpus=0-7:99/4294967295"}) {
        for (const KernelTarget& target : {targets::hybrid(), targets::plain(1, 1), KernelTarget{}}) {
            const KernelEffect effect = simulate(line, target);
            INFO(line);
            CHECK(effect.irq_affinity.contains(0));
            CHECK_FALSE(effect.init_cpus.empty());
            CHECK_FALSE(effect.kernel_threads.empty());
            CHECK_FALSE(effect.unbound_workqueues.empty());
            CHECK(effect.possible.contains(effect.isolated));
        }
    }
}

TEST_CASE("from 6.14 on the flag nohz keeps kernel threads away as nohz_full= does") {
    KernelTarget target = targets::hybrid();
    target.release = KernelRelease{6, 12};
    CHECK(simulate("isolcpus=nohz,domain,4-11", target).kernel_threads == CpuSet::range(0, 19));
    target.release = KernelRelease{6, 14};
    const KernelEffect effect = simulate("isolcpus=nohz,domain,4-11", target);
    CHECK(effect.kernel_threads == (CpuSet::range(0, 3) | CpuSet::range(12, 19)));
    CHECK(effect.nohz_full == CpuSet::range(4, 11));
    // Both set the same kind, so the lists must match for all of it.
    CHECK(simulate("isolcpus=nohz,domain,4-7 nohz_full=4-11", target).for_init.size() == 1);
}
