#include "sys/cpuid_live.h"

#include <sched.h>

#include "catch.h"
#include "probes/cpuid.h"
#include "registers.h"

using namespace torque;

#if defined(__x86_64__) || defined(__i386__)

namespace {
CpuSet affinity() {
    cpu_set_t mask;
    CPU_ZERO(&mask);
    REQUIRE(::sched_getaffinity(0, sizeof mask, &mask) == 0);
    CpuSet set;
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (CPU_ISSET(static_cast<std::size_t>(cpu), &mask)) set.add(cpu);
    }
    return set;
}
}  // namespace

TEST_CASE("the live source moves to a CPU and gives the affinity back") {
    const CpuSet before = affinity();
    {
        const auto source = cpuid_live();
        REQUIRE(source);
        CHECK(source->cpus() == std::vector<int>(before.begin(), before.end()));
        REQUIRE(source->select(before.last()));
        CHECK(affinity() == CpuSet{before.last()});
        CHECK(source->get(0, 0)->eax >= 1);
        CHECK_FALSE(source->select(-1));
        CHECK_FALSE(source->select(CpuSet::kMaxCpu));
        CHECK(affinity() == CpuSet{before.last()});
    }
    CHECK(affinity() == before);
}

TEST_CASE("a CPU that is not there is listed as refused") {
    const CpuSet before = affinity();
    CpuSet asked = before;
    asked.add(1'000'000);
    const auto source = cpuid_live(asked);
    REQUIRE(source);
    const CpuidFacts facts = read_cpuid(*source, CpuidReading::like_cpus);
    CHECK(facts.cpus.size() == static_cast<std::size_t>(before.count()));
    CHECK(facts.refused_cpus == std::vector{1'000'000});
    REQUIRE_FALSE(facts.kinds.empty());
    CHECK(facts.kinds[0].family > 0);
}

TEST_CASE("both ways to read this machine agree") {
    const auto source = cpuid_live();
    REQUIRE(source);
    const CpuidFacts every = read_cpuid(*source, CpuidReading::every_cpu);
    const CpuidFacts like = read_cpuid(*source, CpuidReading::like_cpus);
    CHECK(every.cpus == like.cpus);
    CHECK(every.kinds == like.kinds);
}

#else

TEST_CASE("there is no CPUID to ask on this architecture") {
    CHECK(cpuid_live() == nullptr);
}

#endif
