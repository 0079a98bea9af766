#include <algorithm>

#include "unit/machine/snapshot.h"

namespace {

const torque::Finding* damage(const torque::Machine& machine) {
    const auto at = std::find_if(machine.findings.begin(), machine.findings.end(),
                                 [](const torque::Finding& finding) { return finding.id == "file-damaged"; });
    return at != machine.findings.end() ? &*at : nullptr;
}

}  // namespace

TEST_CASE("what the kernel writes is not damaged") {
    CHECK_FALSE(damage(*torque::build_machine(two_cpus().host())));
    CHECK_FALSE(damage(*torque::build_machine(two_cpus().sys_cpu("nohz_full", "(null)").host())));
    CHECK_FALSE(damage(*torque::build_machine(two_cpus().sys_cpu("isolated", "").host())));
    CHECK_FALSE(damage(*torque::build_machine(two_cpus().sys_cpu("nohz_full", std::string(1, '\0')).host())));
}

TEST_CASE("a list of the machine that cannot be read is named with its file") {
    const auto machine = torque::build_machine(two_cpus().sys_cpu("possible", "0-x").host());
    REQUIRE(machine);
    const torque::Finding* finding = damage(*machine);
    REQUIRE(finding != nullptr);
    CHECK(finding->message == "/sys/devices/system/cpu/possible (\"0-x\") holds no CPUs that can be read");
    CHECK(finding->sources == std::vector<std::string>{"test"});
}

TEST_CASE("a /proc/cpuinfo without a text is damaged, one of an unknown form is not") {
    const auto message = [](Snapshot snapshot) {
        const auto machine = torque::build_machine(snapshot.host());
        REQUIRE(machine);
        return damage(*machine) != nullptr ? damage(*machine)->message : "";
    };
    CHECK(message(two_cpus().file("proc/cpuinfo", "")) ==
          "/proc/cpuinfo (empty) holds no CPUs that can be read");
    CHECK(message(two_cpus().link("proc/cpuinfo", "../elsewhere")) ==
          "/proc/cpuinfo (unreadable) holds no CPUs that can be read");
    CHECK(message(two_cpus().file("proc/cpuinfo", "# processors    : 2")).empty());
}

TEST_CASE("masks count where nothing else tells what they would") {
    const std::string topology = Snapshot::cpu_path(1) + "topology/";
    auto snapshot = two_cpus();
    snapshot.file(topology + "core_cpus", "zz,\x1b");
    const auto machine = torque::build_machine(snapshot.host());
    REQUIRE(machine);
    REQUIRE(damage(*machine) != nullptr);
    CHECK(damage(*machine)->message.find(topology + "core_cpus (\"zz,\\x1b\")") != std::string::npos);
    snapshot.file(topology + "core_cpus_list", "1");
    CHECK_FALSE(damage(*torque::build_machine(snapshot.host())));
    snapshot.file(topology + "core_cpus_list", "1-").file(topology + "thread_siblings", "x");
    CHECK(
        damage(*torque::build_machine(snapshot.host()))->message.starts_with("3 files, the first of them "));
}
