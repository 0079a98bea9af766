#include "torque/cpu_set.h"

#include <string>
#include <vector>

#include "catch.h"

using torque::CpuSet;

TEST_CASE("a CPU list is read and written in the kernel's form") {
    for (const char* text : {"0", "0-3", "0-3,8", "0,2,4-5,64-127,1023-1025"}) {
        CHECK(CpuSet::parse_list(text).value().list() == text);
    }
    CHECK(CpuSet::parse_list("3,1-2,0\n").value().list() == "0-3");
    CHECK(CpuSet::parse_list("").value().empty());
    CHECK(CpuSet::parse_list("(null)\n").value().empty());
}

TEST_CASE("what is not a CPU list is refused") {
    for (const char* text :
         {"a", "1-", "-1", "3-1", "1,,2", "1,", "0x3", "4-3", "1-2-3", "99999999", "1;2", "N"}) {
        INFO(text);
        CHECK_FALSE(CpuSet::parse_list(text).has_value());
    }
}

TEST_CASE("a CPU mask is hexadecimal in groups of 32 bits") {
    CHECK(CpuSet::parse_mask("f").value().list() == "0-3");
    CHECK(CpuSet::parse_mask("00000001,0000000f\n").value().list() == "0-3,32");
    CHECK(CpuSet::parse_mask("1,00000000,00000000").value().list() == "64");
    CHECK(CpuSet::parse_mask("0").value().empty());
    CHECK(CpuSet::parse_mask("ff,00000000").value().mask() == "000000ff,00000000");
    for (const char* text : {"g", "1,,2", ",1", "123456789", "0x1"}) {
        INFO(text);
        CHECK_FALSE(CpuSet::parse_mask(text).has_value());
    }
}

TEST_CASE("set operations do not depend on how large a set once was") {
    CpuSet a{0, 1, 200};
    a.remove(200);
    CHECK(a == CpuSet{0, 1});
    CHECK((CpuSet{0, 70} & CpuSet{0, 1}) == CpuSet{0});
    CHECK((CpuSet{0, 70} - CpuSet{70}) == CpuSet{0});
    CHECK((CpuSet{0} | CpuSet{70}).list() == "0,70");
    for (int first : {-1, 0, 1, 62, 63, 64, 65, 127, 128}) {
        for (int last : {-1, 0, 1, 63, 64, 127, 128, 191, 200}) {
            CpuSet one_by_one;
            for (int cpu = first; cpu <= last; ++cpu) one_by_one.add(cpu);
            CHECK(CpuSet::range(first, last) == one_by_one);
        }
    }
    CHECK(CpuSet::range(4, 11).contains(CpuSet{5, 9}));
    CHECK_FALSE(CpuSet::range(4, 11).contains(CpuSet{5, 90}));
    CHECK(CpuSet{} < CpuSet{0});
    CHECK(CpuSet{0, 1} < CpuSet{0, 2});
    CHECK(CpuSet{63, 64}.last() == 64);
    CHECK(CpuSet{}.last() == -1);
}

TEST_CASE("regions may overlap, but not without end") {
    CHECK(CpuSet::parse_list("0-3,2-70,1")->list() == "0-70");
    CHECK(CpuSet::parse_list("0-1048575,0-1048575,5-200")->count() == CpuSet::kMaxCpu + 1);
    std::string text = "0-1048575";
    for (int i = 0; i < 4; ++i) text += ",0-1048575";
    CHECK_FALSE(CpuSet::parse_list(text));
}
