#include "machine/findings_cpuinfo.h"

#include <algorithm>
#include <string>

#include "catch.h"
#include "unit/machine/snapshot.h"

namespace {

// Two CPUs in one package of two cores, and what /proc/cpuinfo counts there.
torque::Machine counted(const std::string& siblings, const std::string& cores) {
    std::string text;
    for (const char* cpu : {"0", "1"}) {
        text += "processor\t: " + std::string(cpu) + "\nsiblings\t: " + siblings + "\ncpu cores\t: " + cores +
                "\n\n";
    }
    return build(two_cpus().file("proc/cpuinfo", text));
}

std::string message_in(const torque::Machine& machine) {
    for (const torque::Finding& finding : machine.findings) {
        if (finding.id == "cpuinfo-sysfs-topology") return finding.message;
    }
    return {};
}

}  // namespace

TEST_CASE("/proc/cpuinfo that counts as sysfs does, or not at all, is no finding") {
    CHECK(message_in(counted("2", "2")).empty());
    CHECK(message_in(counted("", "x")).empty());
    CHECK(message_in(counted("0", "0")).empty());
    CHECK(message_in(counted("99999999999", "-1")).empty());
}

TEST_CASE("/proc/cpuinfo that counts otherwise than sysfs is a finding") {
    const std::string begin =
        "/proc/cpuinfo and sysfs count the CPUs or cores of a package differently on CPUs 0-1: ";
    CHECK(message_in(counted("4", "2")) == begin + "package 0 has 4 CPUs by /proc/cpuinfo, 2 by sysfs");
    CHECK(message_in(counted("2", "1")) == begin + "package 0 has 1 core by /proc/cpuinfo, 2 by sysfs");
}

TEST_CASE("where a CPU is offline /proc/cpuinfo is not held against sysfs") {
    Snapshot snapshot = two_cpus();
    snapshot.file("proc/cpuinfo", "processor : 0\nsiblings : 3\ncpu cores : 3");
    CHECK_FALSE(message_in(build(snapshot)).empty());
    snapshot.sys_cpu("present", "0-2");  // kernels do not agree on whether to count CPU 2
    CHECK(message_in(build(snapshot)).empty());
}
