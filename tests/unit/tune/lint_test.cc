#include "tune/lint.h"

#include <algorithm>

#include "catch.h"
#include "tune/lint_text.h"
#include "tune/mend.h"
#include "unit/tune/targets.h"

using torque::tune::guess_list;
using torque::tune::has_faults;
using torque::tune::KernelTarget;
using torque::tune::lint;
using torque::tune::lint_text;
using torque::tune::LintFinding;
using torque::tune::LintReport;
using torque::tune::LintSeverity;
using torque::tune::parse_config;

namespace {

constexpr const char* kGood =
    "isolcpus=managed_irq,domain,4-11 nohz_full=4-11 rcu_nocbs=4-11 rcu_nocb_poll irqaffinity=0-3,12-19";

// Ids in the order of the line, "!" before errors and "." before notes.
std::string ids(const LintReport& report) {
    std::string out;
    for (const LintFinding& finding : report.findings) {
        if (!out.empty()) out += ' ';
        if (finding.severity == LintSeverity::error) out += '!';
        if (finding.severity == LintSeverity::note) out += '.';
        out += finding.id;
    }
    return out;
}

struct Case {
    const char* line;
    const char* ids;
    const char* mended;  // null: there is none
};

const Case kIsolation[] = {
    {kGood, "", nullptr},
    {"isolcpus=managed_irq,domain:4-11 nohz_full=4-11 rcu_nocbs=4-11 rcu_nocb_poll irqaffinity=0-3,12-19",
     "!isolcpus-invalid-flag .nohz-full-alone", kGood},
    {"isolcpus=domain, 4-11", "!list-empty !space-in-list", "isolcpus=domain,4-11 irqaffinity=0-3,12-19"},
    {"isolcpus=domain,4-5, 6-11 quiet irqaffinity=0-3", "!space-in-list",
     "isolcpus=domain,4-5,6-11 quiet irqaffinity=0-3"},
    {"isolcpus=domain,4-25", "!list-out-of-range", "isolcpus=domain,4-19 irqaffinity=0-3"},
    {"isolcpus=domain,30-40", "!list-out-of-range", ""},
    {"isolcpus=domain,11-4", "!list-reversed", "isolcpus=domain,4-11 irqaffinity=0-3,12-19"},
    {"isolcpus=domain;4-11", "!isolcpus-invalid-flag", "isolcpus=domain,4-11 irqaffinity=0-3,12-19"},
    {"isolcpus=all", "!list-as-flag", "isolcpus=2-19 irqaffinity=0-1"},
    {"isolcpus=domain,all", "!list-as-flag", "isolcpus=domain,2-19 irqaffinity=0-1"},
    {"isolcpus=domian,4-11 irqaffinity=0-3", "isolcpus-unknown-flag", "isolcpus=domain,4-11 irqaffinity=0-3"},
    {"isolcpus=foo,4-11", "isolcpus-unknown-flag isolated-without-irqaffinity",
     "isolcpus=4-11 irqaffinity=0-3,12-19"},
    {"isolcpus=domain,4-11", "isolated-without-irqaffinity", "isolcpus=domain,4-11 irqaffinity=0-3,12-19"},
    {"isolcpus=domain,4-7 isolcpus=domain,8-11 irqaffinity=0-3", "!lists-differ",
     "isolcpus=domain,4-11 irqaffinity=0-3"},
    {"isolcpus=domain,4-7 isolcpus=managed_irq,4-11 irqaffinity=0-3", "", nullptr},
    {"isolcpus=nohz,domain,4-7 nohz_full=4-11 irqaffinity=0-3", "!lists-differ",
     "isolcpus=domain,4-7 nohz_full=4-11 irqaffinity=0-3"},
    {"isolcpus=nohz,4-7 nohz_full=4-11", ".isolcpus-without-domain !lists-differ .nohz-full-alone",
     "nohz_full=4-11"},
    {"nohz_full=4-7 nohz_full=8-11", ".nohz-full-alone !lists-differ", "nohz_full=4-11"},
    {"isolcpus=domain,4-7 nohz_full=4-11 irqaffinity=0-3", ".sets-differ", nullptr},
    {"nohz_full=0-11", "nohz-full-boot-cpu .nohz-full-alone", "nohz_full=2-11"},
    {"isolcpus=0-7 irqaffinity=8-19", "isolcpus-boot-cpu irqaffinity-isolated .irqaffinity-boot-cpu",
     "isolcpus=2-7 irqaffinity=8-19"},
    {"isolcpus=domain,0-19 irqaffinity=0", "every-cpu .core-split", "isolcpus=domain,2-19 irqaffinity=0"},
    {"isolcpus=4-11 irqaffinity=0-7", "irqaffinity-isolated", "isolcpus=4-11 irqaffinity=0-3"},
    {"isolcpus=4-11 irqaffinity=2-3", ".irqaffinity-boot-cpu", nullptr},
    {"isolcpus=managed_irq,4-11", ".isolcpus-without-domain", nullptr},
    {"isolcpus=4,6,8,10 irqaffinity=0-3", ".core-split", nullptr},
    {"irqaffinity=foo", "!list-unreadable", ""},
    {"irqaffinity=0-3,z", "!list-unreadable", "irqaffinity=0-3"},
    {"rcu_nocbs=4-30", "!list-unreadable", "rcu_nocbs=4-19"},
    {"rcu_nocbs=4-7 rcu_nocbs=4-11", "replaced", "rcu_nocbs=4-11"},
    {"rcu_nocbs=4-7 rcu_nocbs=4-7", ".duplicate", nullptr},
    {"rcu_nocb_poll", ".nothing-to-poll", nullptr},
    {"rcu_nocbs=4-7 rcu_nocb_poll=0", "value-without-effect", "rcu_nocbs=4-7"},
    {"rcu_nocbs=4-7 rcu_nocb_poll=1", "value-without-effect", "rcu_nocbs=4-7 rcu_nocb_poll"},
    {"isolcpus ro", "!value-missing", "ro"},
    {"ro -- isolcpus=4-11", "!after-dashes", "ro isolcpus=4-11 irqaffinity=0-3,12-19"},
    {"ro nohz_full=x -- single", "!list-unreadable", "ro -- single"},
    {"isolcpus=4-11 irqaffinity=0-3 maxcpus=8", ".isolated-offline", nullptr},
    {"isolcpus=4-11 irqaffinity=0-3 nosmt", ".isolated-offline", nullptr},
};

const Case kOthers[] = {
    {"BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro quiet crashkernel=256M console=ttyS0,115200 nosmp audit=0", "",
     nullptr},
    {"kthread_cpus=0-3 ro", "not-mainline", "ro"},
    {"rcu_nocb_polling rcu_nocbs=4-7", "name-goes-on", "rcu_nocb_poll rcu_nocbs=4-7"},
    {"isolcpus=4-7 x=\"y z", "isolated-without-irqaffinity quote-not-closed",
     "isolcpus=4-7 x=\"y z\" irqaffinity=0-3,8-19"},
    {"isocpus=4-11", "misspelt", "isolcpus=4-11 irqaffinity=0-3,12-19"},
    {"ISOLCPUS=4-11 irqaffinity=0-3", "misspelt", "isolcpus=4-11 irqaffinity=0-3"},
    {"nohz-full=4-11", ".nohz-full-alone", nullptr},
    {"idle=pol", "value-unknown", "idle=poll"},
    {"idle=7", "value-unknown", ""},
    {"intel_pstate=pasive,no_hwp", "value-unknown", "intel_pstate=passive,no_hwp"},
    {"transparent_hugepage=madvise preempt=full amd_pstate=active tsc=reliable nmi_watchdog=0 nosmt", "",
     nullptr},
    {"processor.max_cstate=one ro", "value-unknown", "ro"},
    {"nosoftlockup=0 nowatchdog", "value-without-effect", "nowatchdog"},
    {"nohz=off", "", nullptr},
    {"nohz=off nohz_full=4-11", "nohz-off .nohz-full-alone", nullptr},
    {"mitigations=off", ".mitigations-off", nullptr},
    {"mitigations=auto,nosmt", "", nullptr},
    {"default_hugepagesz=1G hugepagesz=1G hugepages=8 hugepagesz=2M hugepages=0:512,1:512", "", nullptr},
    {"hugepages=64 hugepagesz=1G hugepages=4", "", nullptr},
    {"hugepages=64 hugepages=32", "hugepages-ignored", "hugepages=64"},
    {"hugepagesz=1G hugepages=4 hugepagesz=1G hugepages=8", "hugepages-ignored hugepages-ignored",
     "hugepagesz=1G hugepages=4"},
    {"hugepagesz=big ro", "hugepages-ignored", "ro"},
    {"hugepages=many ro", "hugepages-ignored", "ro"},
};

void check(const Case& row) {
    INFO(row.line);
    const LintReport report = lint(row.line, targets::hybrid());
    CHECK(ids(report) == row.ids);
    if (row.mended == nullptr) {
        CHECK_FALSE(report.mended.has_value());
    } else {
        CHECK(report.mended.value_or("(none)") == row.mended);
    }
    if (report.mended) CHECK_FALSE(has_faults(lint(*report.mended, targets::hybrid())));
}

}  // namespace

TEST_CASE("faults of isolation are found and mended") {
    for (const Case& row : kIsolation) check(row);
}

TEST_CASE("faults of other parameters are found and mended") {
    for (const Case& row : kOthers) check(row);
}

TEST_CASE("a mended line brings about what was meant") {
    const auto effect = [](const char* line) {
        return lint(lint(line, targets::hybrid()).mended.value(), targets::hybrid()).effect;
    };
    CHECK(effect("isolcpus=managed_irq,domain:4-11 nohz_full=4-11").isolated.list() == "4-11");
    CHECK(effect("isolcpus=domain, 4-11").isolated.list() == "4-11");
    CHECK(effect("isolcpus=domain,4-7 isolcpus=domain,8-11").isolated.list() == "4-11");
    CHECK(effect("isolcpus=nohz,domain,4-7 nohz_full=4-11").nohz_full.list() == "4-11");
    CHECK(effect("isolcpus=4-11").irq_affinity.list() == "0-3,12-19");
}

TEST_CASE("a finding says where it is") {
    const LintReport report = lint("ro  \"nohz_full=4-25\" quiet", targets::hybrid());
    REQUIRE(report.findings.size() == 1);
    CHECK(report.findings[0].parameter == "nohz_full");
    CHECK(report.findings[0].offset == 4);
    CHECK(report.findings[0].word == "\"nohz_full=4-25\"");
    CHECK(report.mended == "ro nohz_full=4-19 quiet");
}

TEST_CASE("what the kernel is built with and how old it is matter") {
    KernelTarget target = targets::hybrid();
    target.config = parse_config("CONFIG_CPU_ISOLATION=y\nCONFIG_RCU_NOCB_CPU=y\n");
    target.release = torque::tune::KernelRelease{6, 1};
    CHECK(ids(lint("nohz_full=4-11", target)) == "!not-built-in");
    CHECK(ids(lint("workqueue.unbound_cpus=0-3", target)) == "too-new");
    CHECK(simulate("workqueue.unbound_cpus=0-3", target).unbound_workqueues == target.possible);
    CHECK(ids(lint("rcutree.nohz_full_patience_delay=5", target)) == "too-new");
    target.release = torque::tune::KernelRelease{6, 12};
    CHECK(ids(lint("workqueue.unbound_cpus=0-3", target)) == "");
    CHECK(ids(lint("workqueue.unbound_cpus=0-3", targets::hybrid())) == "");
}

TEST_CASE("managed interrupts of the machine's devices want a flag of their own") {
    constexpr const char* kWithout = "isolcpus=domain,4-11 irqaffinity=0-3,12-19";
    KernelTarget target = targets::hybrid();
    CHECK(ids(lint(kWithout, target)) == "");
    // Queues that the isolated CPUs have to themselves are left where they are with the flag as well.
    target.managed_irqs = {torque::CpuSet::range(0, 3), torque::CpuSet::range(4, 7)};
    CHECK(ids(lint(kWithout, target)) == "");
    target.managed_irqs.push_back(torque::CpuSet::range(0, 9));
    const LintReport report = lint(kWithout, target);
    REQUIRE(ids(report) == ".isolcpus-without-managed-irq");
    CHECK(report.findings[0].message ==
          "1 managed interrupt of this machine's devices may come to isolated CPUs 4-9");
    CHECK(report.findings[0].offset == 0);
    CHECK_FALSE(has_faults(report));
    CHECK(ids(lint(kGood, target)) == "");
    CHECK(ids(lint("nohz_full=4-11 ro", target)) == ".nohz-full-alone");
    CHECK(ids(lint("isolcpus=domain,4-11 isolcpus=managed_irq,4-7 irqaffinity=0-3", target)) ==
          ".isolcpus-without-managed-irq");
    CHECK(ids(lint("isolcpus=domain,4-11 isolcpus=managed_irq,4-11 irqaffinity=0-3", target)) == "");
}

TEST_CASE("which CPUs maxcpus= lets start depends on the kernel") {
    const auto offline = [](int minor) {
        KernelTarget target = targets::hybrid();
        target.release = torque::tune::KernelRelease{6, minor};
        return lint("maxcpus=16 isolcpus=managed_irq,domain,8-19 irqaffinity=0-7", target)
            .findings.at(0)
            .message;
    };
    CHECK(offline(1) == "it keeps isolated CPUs 16-19 offline");
    CHECK(offline(12) ==
          "it keeps isolated CPUs 9,11 offline");  // 14 first threads, and 1 and 3 of the others
}

TEST_CASE("a line that is too long is an error") {
    const LintReport report = lint(std::string(2048, 'x'), targets::hybrid());
    CHECK(ids(report) == "!line-too-long");
    CHECK_FALSE(report.mended.has_value());
}

TEST_CASE("what a faulty list means is guessed") {
    const auto guess = [](const char* text) { return guess_list(text, 20).list(); };
    CHECK(guess("11-4") == "4-11");
    CHECK(guess("4-25") == "4-19");
    CHECK(guess("4-25:1/2") == "4,6,8,10,12,14,16,18");
    CHECK(guess("4-11;13") == "4-11,13");
    CHECK(guess("4-x,7") == "7");
    CHECK(guess("30") == "");
    CHECK(guess("-") == "");
    CHECK(guess("") == "");
}

TEST_CASE("the text is one line where there is nothing to say, and cannot upset a terminal") {
    CHECK(lint_text(lint("ro quiet", targets::hybrid())) == "no fault found: the line isolates no CPU\n");
    const std::string good = lint_text(lint(kGood, targets::hybrid()));
    CHECK(std::count(good.begin(), good.end(), '\n') == 1);
    const std::string bad = lint_text(lint("isolcpus=\x1b[31m,4-11 x=\x9b", targets::hybrid()));
    CHECK(std::all_of(bad.begin(), bad.end(), [](char c) { return c == '\n' || (c >= ' ' && c < 0x7f); }));
}

TEST_CASE("every list of a small machine is read, mended and then accepted") {
    const KernelTarget target = targets::plain(4, 4);
    const std::string alphabet = "013-,:/N";
    // All texts of up to four characters after each beginning.
    std::vector<std::string> texts{""};
    for (std::size_t i = 0; i < texts.size() && texts[i].size() < 4; ++i) {
        for (char c : alphabet) texts.push_back(texts[i] + c);
    }
    for (const char* name : {"isolcpus=", "isolcpus=domain,", "nohz_full=", "rcu_nocbs=", "irqaffinity="}) {
        for (const std::string& text : texts) {
            const LintReport report = lint(name + text, target);
            const bool good =
                !has_faults(report) || (report.mended && !has_faults(lint(*report.mended, target)));
            if (!good) FAIL(name << text << " is not mended: " << report.mended.value_or("(none)"));
        }
    }
}
