#include "torque/json.h"

#include "catch.h"

TEST_CASE("what is unknown is null, and bytes that are no UTF-8 do no harm") {
    torque::Machine machine;
    machine.host.model = "caf\xe9 \x01";
    torque::Cpu cpu;
    machine.cpus.push_back(cpu);
    torque::Cache cache;
    cache.level = 2;
    cache.cpus = torque::CpuSet{0};
    machine.caches.push_back(cache);
    const std::string text = torque::machine_json(machine);
    CHECK(text.find("\"apic_id\": null") != text.npos);
    CHECK(text.find("\"size_bytes\": null") != text.npos);
    CHECK(text.find("caf\xef\xbf\xbd \\u0001") != text.npos);
    CHECK(text.find("\"distances\": null") != text.npos);
    CHECK(text.ends_with("}\n"));
}

TEST_CASE("a TLB's ways are a number, \"full\" or null") {
    torque::Machine machine;
    for (int ways : {0, 4, -1}) {
        torque::Tlb tlb;
        tlb.fully_associative = ways < 0;
        if (ways > 0) tlb.ways = ways;
        machine.tlbs.push_back(tlb);
    }
    const std::string text = torque::machine_json(machine);
    CHECK(text.find("\"ways\": null") != text.npos);
    CHECK(text.find("\"ways\": 4") != text.npos);
    CHECK(text.find("\"ways\": \"full\"") != text.npos);
}
