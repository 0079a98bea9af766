#include "machine/offline_apic_ids.h"

#include "catch.h"
#include "probes/madt.h"
#include "unit/machine/snapshot.h"

using torque::Cpu;
using torque::CpuId;
using torque::Machine;

namespace {

std::string word(std::uint32_t value) {
    std::string out;
    for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(value >> shift & 0xff);
    return out;
}

// Local APIC (type 0) and local x2APIC (type 9) entries.
std::string lapic(int id, bool enabled) {
    return std::string("\0\x08\0", 3) + static_cast<char>(id) + word(enabled ? 1 : 0);
}
std::string x2apic(std::uint32_t id) {
    return std::string("\x09\x10\0\0", 4) + word(id) + word(1) + word(0);
}

std::vector<std::uint32_t> read_table(const std::string& entries, std::size_t cut = 0) {
    std::string table =
        "APIC" + word(static_cast<std::uint32_t>(44 + entries.size())) + std::string(36, '\0') + entries;
    table.resize(table.size() - cut);
    Snapshot snapshot;
    snapshot.file("sys/firmware/acpi/tables/APIC", table);
    return torque::read_madt_apic_ids(*snapshot.host().root);
}

// CPUs 0 to 3; those with an id of -1 are offline.
Machine machine_of(const std::vector<int>& apic_ids) {
    Machine machine;
    for (std::size_t i = 0; i < apic_ids.size(); ++i) {
        Cpu cpu;
        cpu.id = CpuId{static_cast<int>(i)};
        cpu.online = apic_ids[i] >= 0;
        if (cpu.online) cpu.apic_id = static_cast<std::uint32_t>(apic_ids[i]);
        machine.cpus.push_back(cpu);
    }
    return machine;
}

}  // namespace

TEST_CASE("firmware's table lists the enabled CPUs in its order, each once") {
    using Ids = std::vector<std::uint32_t>;
    CHECK(read_table(lapic(0, true) + lapic(4, true) + lapic(9, false) + x2apic(0x1234) + x2apic(4)) ==
          Ids{0, 4, 0x1234});
    CHECK(read_table(std::string("\x01\x0c", 2) + std::string(10, 'x') + lapic(7, true)) == Ids{7});
    CHECK(read_table(lapic(10, true)) == Ids{10});
}

TEST_CASE("a damaged table tells nothing") {
    CHECK(read_table(lapic(0, true) + std::string("\0\0", 2)).empty());
    CHECK(read_table(lapic(0, true) + std::string("\0\x40", 2)).empty());
    CHECK(read_table(lapic(0, true), 20).empty());
    Snapshot none;
    none.file("proc/version", "x");
    CHECK(torque::read_madt_apic_ids(*none.host().root).empty());
}

TEST_CASE("offline CPUs get the ids that firmware's order gives them") {
    Machine machine = machine_of({0, 2, -1, -1});
    torque::add_offline_apic_ids({0, 2, 1, 3}, machine);
    CHECK(machine.cpus[2].apic_id == 1U);
    CHECK(machine.cpus[3].apic_id == 3U);
    CHECK(machine.provenance.size() == 1);
}

TEST_CASE("the boot CPU is CPU 0 wherever firmware lists it") {
    Machine machine = machine_of({4, 0, -1});
    torque::add_offline_apic_ids({0, 4, 6}, machine);
    CHECK(machine.cpus[2].apic_id == 6U);
}

TEST_CASE("where the kernel's order is not firmware's, nothing is guessed") {
    Machine machine = machine_of({0, 3, -1});
    torque::add_offline_apic_ids({0, 2, 3}, machine);
    CHECK_FALSE(machine.cpus[2].apic_id.has_value());
    Machine unknown = machine_of({0, 2, -1});
    unknown.cpus[1].apic_id.reset();
    torque::add_offline_apic_ids({0, 2, 3}, unknown);
    CHECK_FALSE(unknown.cpus[2].apic_id.has_value());
}

namespace {

torque::CpuidKind kind_with(int thread_bits) {
    torque::CpuidKind kind;
    kind.domains = {{torque::CpuidDomainKind::core, thread_bits}, {torque::CpuidDomainKind::package, 4}};
    return kind;
}

// CPUs 0 and 1 are the cores that are online, 2 and 3 came to their ids by firmware's table.
Machine without_smt(const std::vector<std::uint32_t>& apic_ids) {
    Machine machine = machine_of({0, 0, -1, -1});
    for (std::size_t i = 0; i < 4; ++i) machine.cpus[i].apic_id = apic_ids[i];
    for (int core = 0; core < 2; ++core) {
        machine.cores.push_back({torque::CoreId{core}, {}, {}, {}, {}, torque::CpuSet{core}});
        machine.cpus[static_cast<std::size_t>(core)].core = torque::CoreId{core};
    }
    return machine;
}

}  // namespace

TEST_CASE("an offline CPU has the core of the APIC ids beside its own, though no core has two threads") {
    Machine machine = without_smt({0, 2, 1, 3});
    torque::place_by_apic_ids({kind_with(1)}, machine);
    CHECK(machine.cpus[2].core == torque::CoreId{0});
    CHECK(machine.cpus[3].core == torque::CoreId{1});
    CHECK(machine.cores[0].cpus == torque::CpuSet{0});
    CHECK(machine.provenance.size() == 1);

    Machine elsewhere = without_smt({0, 2, 4, 3});  // core 2 has no CPU online
    torque::place_by_apic_ids({kind_with(1)}, elsewhere);
    CHECK_FALSE(elsewhere.cpus[2].core.has_value());
    CHECK(elsewhere.cpus[3].core == torque::CoreId{1});
}

TEST_CASE("where CPUID's cores are not the machine's, or kinds of CPUs differ, no offline CPU has a core") {
    Machine same_core = without_smt({0, 1, 2, 3});
    torque::place_by_apic_ids({kind_with(1)}, same_core);
    CHECK_FALSE(same_core.cpus[2].core.has_value());
    Machine mixed = without_smt({0, 2, 1, 3});
    torque::place_by_apic_ids({kind_with(1), kind_with(0)}, mixed);
    CHECK_FALSE(mixed.cpus[2].core.has_value());
    Machine without_cpuid = without_smt({0, 2, 1, 3});
    torque::place_by_apic_ids({}, without_cpuid);
    CHECK_FALSE(without_cpuid.cpus[2].core.has_value());
}
