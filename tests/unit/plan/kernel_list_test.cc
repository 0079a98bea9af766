#include "plan/kernel_list.h"

#include "catch.h"

using torque::CpuSet;
using torque::planning::kernel_list;
using torque::planning::parse_kernel_list;

TEST_CASE("the kernel's list grammar is read as the kernel reads it") {
    const auto read = [](const char* text) { return parse_kernel_list(text, 20).value().list(); };
    CHECK(read("4-11:1/2") == "4,6,8,10");
    CHECK(read("4-11") == "4-11");
    CHECK(read("0-19:3/4") == "0-2,4-6,8-10,12-14,16-18");
    CHECK(read("4-N") == "4-19");
    CHECK(read("all") == "0-19");
    CHECK(read("all:1/10") == "0,10");
    CHECK(read("N,3") == "3,19");
    CHECK(read("5-6:2/2") == "5-6");
    CHECK(read("").empty());
    CHECK(read("ALL:1/10") == "0,10");
    CHECK(read(",1,,2, ") == "1-2");  // empty regions are skipped
    CHECK(read("1 2\t5") == "1-2,5");
    CHECK(read("4-11:N/N") == "4-11");
    CHECK(read("4-11:0/2").empty());
    CHECK(read("4-5:1/4294967295") == "4");
    CHECK(read("4-11:1/2N") == "4,6,8,10,19");  // nothing need follow a stride's last number
}

TEST_CASE("a faulty list says why, where, and what came before") {
    using torque::planning::ListFault;
    using torque::planning::read_kernel_list;
    const auto fault = [](const char* text) { return read_kernel_list(text, 20).fault.value(); };
    CHECK(fault("4-x") == ListFault::syntax);
    CHECK(fault("11-4") == ListFault::reversed);
    CHECK(fault("4-25") == ListFault::out_of_range);
    CHECK(fault("4-11:3/2") == ListFault::stride);
    CHECK(fault("4294967296") == ListFault::syntax);
    const auto reading = read_kernel_list("0-3,z", 20);
    CHECK(reading.cpus.list() == "0-3");
    CHECK(reading.fault_at == 4);
}

TEST_CASE("what the kernel would refuse is refused") {
    for (const char* text : {"4-20", "20", "11-4", "4:1/2", "4-11:3/2", "4-11:1/0", "4-11:1", "4 - 11", "a",
                             "-3", "3-", "4-11:", "4-11:/2", "4N", "allall", "4-11:1/2x", "1;2"}) {
        INFO(text);
        CHECK_FALSE(parse_kernel_list(text, 20).has_value());
    }
}

TEST_CASE("strides are used where they are shorter") {
    const auto text = [](const char* list) { return kernel_list(CpuSet::parse_list(list).value()); };
    CHECK(text("7,15,23,31,39,47,55,63,71,79,87,95,103,111,119,127") == "7-127:1/8");
    CHECK(text("4-7,12-15,20-23,28-31") == "4-31:4/8");
    CHECK(text("4,6,8,10") == "4,6,8,10");  // as long as 4-10:1/2
    CHECK(text("4-11") == "4-11");
    CHECK(text("0,2,4,6,8,10,100-103,200,202,204,206") == "0-10:1/2,100-103,200-206:1/2");
    CHECK(text("").empty());
}

TEST_CASE("every set of a few CPUs survives the way into the kernel's grammar and back") {
    constexpr int kCpus = 14;
    for (int bits = 0; bits < 1 << kCpus; ++bits) {
        CpuSet set;
        for (int cpu = 0; cpu < kCpus; ++cpu) {
            // Far enough apart that strides pay.
            if ((bits >> cpu & 1) != 0) set.add(100 + 3 * cpu);
        }
        const auto back = parse_kernel_list(kernel_list(set), 1000);
        if (!back || *back != set) FAIL(set.list() << " became " << kernel_list(set));
    }
}
