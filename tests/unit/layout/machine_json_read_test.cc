#include "torque/json.h"

#include "catch.h"

using namespace torque;

namespace {

void add_cpus(Machine& machine) {
    HostFacts& host = machine.host;
    host = {"6.12.0",
            "A \"CPU\"",
            "x86_64",
            "quiet isolcpus=1",
            "KVM",
            std::uint64_t{1} << 63,
            CpuSet{0, 1, 2},
            CpuSet{0, 1},
            CpuSet{0},
            1.5,
            CpuSet{1},
            CpuSet{},
            {1024, 4096, 65536, 100, 1},
            "given"};
    Cpu cpu;
    cpu.id = CpuId{0};
    cpu.apic_id = 0xffffffff;
    cpu.core = CoreId{0};
    cpu.smt = 0;
    cpu.package = PackageId{3};
    cpu.die = DieId{0};
    cpu.cluster = ClusterId{0};
    cpu.node = NodeId{8};
    cpu.type = TypeId{0};
    cpu.isolated = cpu.nohz_full = true;
    cpu.capacity = 1024;
    cpu.max_khz = 5'000'000'000;
    machine.cpus.push_back(cpu);
    cpu.id = CpuId{1};
    machine.cpus.push_back(cpu);
    machine.cpus.push_back({CpuId{2}});
    machine.cpus.back().online = machine.cpus.back().allowed = false;
    const CpuSet both{0, 1};
    machine.cores.push_back({CoreId{0}, -1, PackageId{3}, DieId{0}, TypeId{0}, both});
    machine.packages.push_back({PackageId{3}, both});
    machine.dies.push_back({DieId{0}, PackageId{3}, both});
    machine.clusters.push_back({ClusterId{0}, PackageId{3}, both});
    machine.types.push_back({TypeId{0},
                             CoreClass::low_power,
                             "GenuineIntel",
                             "A \"CPU\"",
                             "Made Up",
                             6,
                             154,
                             3,
                             both,
                             2,
                             {"avx", "sse"}});
    machine.caches.push_back({3, CacheType::unified, std::uint64_t{30} << 20, 64, 12, 40960, 1, false, both});
    machine.caches.push_back({4, CacheType::instruction, {}, {}, {}, {}, {}, {}, both});
    machine.tlbs.push_back({1, TlbType::load, {"4K", "2M"}, 64, 4, false, both});
    machine.tlbs.push_back({1, TlbType::store, {"1G"}, {}, {}, true, both});
}

// Two CPUs of one core, with every fact that a machine can have.
Machine full_machine() {
    Machine machine;
    add_cpus(machine);
    const CpuSet both{0, 1};
    machine.nodes.push_back(
        {NodeId{8}, both, 0, {{1 << 21, 8, 2}}, MemoryKind::cxl, {{1, 4096, 64, true, false}}});
    machine.distances = Distances{{NodeId{8}}, {{10}}};
    machine.memory_attributes.push_back({NodeId{8}, 1, {NodeId{8}}, 1, 2, 3, 4});
    Device device;
    device.address = "0000:01:00.0";
    device.kind = "network";
    device.name = "eth0";
    device.vendor = "V";
    device.node = NodeId{8};
    device.cpus = both;
    device.irqs = {24, 25};
    device.queues = 2;
    device.rps_cpus = CpuSet{};
    device.duplex = "half";
    device.tx_queues = 1;
    device.rps_queues = {CpuSet{}, both};
    device.xps_queues = {CpuSet{1}};
    machine.devices.push_back(device);
    machine.irqs.push_back({24, "eth0-rx", both, CpuSet{1}, true});
    machine.findings.push_back({"a-finding", Severity::problem, "message", "hint", {"a", "b"}});
    machine.provenance.push_back({"caches", "somewhere"});
    machine.fingerprint = "0123456789abcdef";
    return machine;
}

std::string minimal(const std::string& members) {
    return R"({"schema": "torque.machine/1", "host": {"online": "0"}, )" + members + "}";
}

const Error error_of(const std::string& text) {
    const auto machine = parse_machine(text, "m.json");
    REQUIRE_FALSE(machine);
    return machine.error();
}

}  // namespace

TEST_CASE("a machine that was written is read back whole") {
    Machine machine = full_machine();
    const auto read = parse_machine(machine_json(machine), "copy");
    REQUIRE(read);
    CHECK(read->host.source == "copy");
    machine.host.source = "copy";
    CHECK(*read == machine);
    CHECK(machine_json(*read) == machine_json(machine));
}

TEST_CASE("a document of another version is read for what it has") {
    const auto machine = parse_machine(minimal(R"("cpus": [{"id": 0, "colour": "red"}], "moods": [1])"), "m");
    REQUIRE(machine);
    CHECK(machine->cpus.size() == 1);
    CHECK(machine->cpus[0].online);
    CHECK_FALSE(machine->cpus[0].core);
}

TEST_CASE("what cannot be is refused by its place in the document") {
    const struct {
        const char *members, *where;
    } kWrong[] = {
        {R"("cpus": [])", "/cpus"},
        {R"("cores": [])", "/"},
        {R"("cpus": [{"id": -1}])", "/cpus/0/id"},
        {R"("cpus": [{"id": 2000000}])", "/cpus/0/id"},
        {R"("cpus": [{"id": 0}, {"id": 0}])", "/cpus"},
        {R"("cpus": [{"id": 0, "core": 0}])", "/cpus"},  // the core is not there: users index by it
        {R"("cpus": [{"id": 0, "node": 7}])", "/cpus"},
        {R"("cpus": [{"id": 0, "type": 0}], "types": [{"id": 1, "class": "uniform", "cpus": "0"}])",
         "/types"},
        {R"("cpus": [{"id": 0}], "cores": [{"id": 0, "cpus": ""}])", "/cores"},
        {R"("cpus": [{"id": 0}], "cores": [{"id": 0, "cpus": "0-1"}])", "/cores"},
        {R"("cpus": [{"id": 0}], "caches": [{"level": 1, "type": "data", "cpus": "0-99999999"}])",
         "/caches/0/cpus"},
        {R"("cpus": [{"id": 0}], "caches": [{"level": 1, "type": "date", "cpus": "0"}])", "/caches/0/type"},
        {R"("cpus": [{"id": 0}], "nodes": [{"id": 0, "cpus": "0", "memory_bytes": -1}])",
         "/nodes/0/memory_bytes"},
        {R"("cpus": [{"id": 0}], "distances": {"nodes": [0], "matrix": [[10, 20]]})", "/distances"},
        {R"("cpus": 7)", "/cpus"},
    };
    for (const auto& wrong : kWrong) {
        INFO(wrong.members);
        CHECK(error_of(minimal(wrong.members)).where == std::string("m.json: ") + wrong.where);
    }
    CHECK(error_of("{}").where == "m.json: /schema");
    CHECK(error_of("{").what.starts_with("not JSON"));
    CHECK(error_of("{").where == "m.json:1:2");
    CHECK(error_of("{}").hint == "torque-machine(5) describes the format");
    CHECK(error_of(minimal(R"("cpus": 7)")).hint == "torque-machine(5) describes the format");
}

TEST_CASE("a document that would take gigabytes is not parsed") {
    CHECK(error_of(std::string(5'000'000, '[')).what.find("values") != std::string::npos);
    CHECK(error_of("[" + std::string(5'000'000, ',')).what.find("values") != std::string::npos);
}
