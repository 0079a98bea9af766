#include "probes/arm_names.h"

#include "catch.h"
#include "unit/machine/snapshot.h"

using torque::arm_core_name;

TEST_CASE("an Arm core has its name from implementer and part") {
    CHECK(arm_core_name("0x41", "0xd0c") == "Neoverse-N1");
    CHECK(arm_core_name("0x6d", "0xd49") == "Azure Cobalt 100");
    CHECK(arm_core_name("0x41", "0xd49") == "Neoverse-N2");
    CHECK(arm_core_name("0x51", "0xd0c").empty());
    CHECK(arm_core_name("0x41", "0xfff").empty());
    CHECK(arm_core_name("", "0xd0c").empty());
    CHECK(arm_core_name("ARM", "x").empty());
}

TEST_CASE("the name of a known core is its codename, and its number stays its brand") {
    const std::string head = "processor\t: 0\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU part\t: ";
    const auto type = [&](const std::string& part) {
        const auto machine = torque::build_machine(Snapshot().file("proc/cpuinfo", head + part).host());
        REQUIRE(machine->types.size() == 1);
        return machine->types[0];
    };
    CHECK(type("0xd0c").codename == "Neoverse-N1");
    CHECK(type("0xd0c").brand == "0xd0c");
    CHECK_FALSE(type("0xfff").codename.has_value());
}
