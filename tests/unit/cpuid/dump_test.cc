#include "sys/cpuid_dump.h"

#include <map>
#include <memory>
#include <string>

#include "catch.h"
#include "sys/memory_dir.h"

using namespace torque;

namespace {

std::unique_ptr<CpuidSource> parse(std::string_view text) {
    auto source = cpuid_from_text(text, "dump.txt");
    INFO((source ? std::string() : source.error().what + " " + source.error().where));
    REQUIRE(source.has_value());
    return std::move(*source);
}

Error parse_error(std::string_view text) {
    auto source = cpuid_from_text(text, "dump.txt");
    REQUIRE_FALSE(source.has_value());
    return source.error();
}

std::unique_ptr<Dir> folder(const std::map<std::string, std::string>& files) {
    auto tree = std::make_shared<MemoryNode>();
    for (const auto& [name, text] : files) {
        MemoryNode* file = tree->make(name);
        file->kind = MemoryNode::Kind::file;
        file->text = text;
    }
    return memory_dir(tree, tree.get());
}

std::unique_ptr<CpuidSource> pu_files(const std::unique_ptr<Dir>& dir, std::string name) {
    return cpuid_from_pu_files(*dir, dir->list(""), std::move(name));
}

constexpr CpuidRegs kRegs{0x1c004121, 0x01c0003f, 0x3f, 0};

}  // namespace

TEST_CASE("the same register is read from every dialect") {
    const char* dialects[] = {
        "CPU 3:\n   0x00000004 0x02: eax=0x1c004121 ebx=0x01c0003f ecx=0x0000003f edx=0x00000000\n",
        "------[ Logical CPU #3 ]------\n\nCPUID 00000004: 1C004121-01C0003F-0000003F-00000000 [SL 02]\n",
        "------[ CPUID Registers / Logical CPU #3 ]------\r\nallcpu: Valid\r\n"
        "CPUID 00000004: 1C004121-01C0003F-0000003F-00000000 [SL 02] [L1D: 32 KB]\r\n",
        "CPUID Registers (CPU #4 Virtual):\nCPUID 00000004  \t00000000-00000000-00000000-00000001\n"
        "CPUID 00000004  \t00000000-00000000-00000000-00000002\n"
        "CPUID 00000004  \t1C004121-01C0003F-0000003F-00000000 [text]\n",
        "CPUID Registers (CPU #0):\nCPUID 00000000: 00000001-00000000-00000000-00000000\n"
        "CPUID Registers (CPU #3 Virtual):\n"
        "CPUID 00000004 : 1C004121 01C0003F 0000003F 00000000 [SL 02]\n",
        "version=0.6.3\n_________________ Logical CPU #3 _________________\n"
        "basic_cpuid[4]=00000000 00000000 00000000 00000001\n"
        "intel_fn4[2]=1c004121 01c0003f 0000003f 00000000\n",
    };
    for (const char* text : dialects) {
        INFO(text);
        CHECK(looks_like_cpuid_text(text));
        const auto source = parse(text);
        CHECK(source->name() == "dump.txt");
        REQUIRE(source->select(3));
        CHECK(source->get(4, 2) == kRegs);
        CHECK_FALSE(source->get(4, 3).has_value());
        CHECK_FALSE(source->select(7));
    }
}

TEST_CASE("UTF-16 dumps are read with and without a byte order mark") {
    const std::string text = "CPUID 00000004: 1C004121-01C0003F-0000003F-00000000 [SL 00]\n";
    std::string little, big;
    for (const char c : text) {
        little += {c, '\0'};
        big += {'\0', c};
    }
    for (const std::string& wide : {little, big, "\xff\xfe" + little, "\xfe\xff" + big}) {
        CHECK(looks_like_cpuid_text(wide));
        CHECK(parse(wide)->get(4, 0) == kRegs);
    }
}

TEST_CASE("libcpuid's arrays win over its first answer to the leaf") {
    const auto source = parse(
        "basic_cpuid[0]=0000000d 756e6547 6c65746e 49656e69\n"
        "basic_cpuid[4]=00000009 00000009 00000009 00000009\n"
        "ext_cpuid[6]=00000000 00000000 01006040 00000000\n"
        "intel_fn4[0]=1c004121 01c0003f 0000003f 00000000\n"
        "intel_fn11[1]=00000004 00000010 00000201 00000000\n"
        "amd_fn8000001dh[2]=00000001 00000002 00000003 00000004\n");
    CHECK(source->get(4, 0) == kRegs);
    CHECK(source->get(0x80000006, 0)->ecx == 0x01006040);
    CHECK(source->get(0xb, 1)->ebx == 16);
    CHECK(source->get(0x8000001d, 2) == CpuidRegs{1, 2, 3, 4});
}

TEST_CASE("CPUs are told apart by headers, or by leaf 0 where there are none") {
    const std::string leaf0 = "CPUID 00000000: 00000001-00000000-00000000-00000000\n";
    const std::string leaf1 = "CPUID 00000001: 00000001-00000000-00000000-00000000\n";
    CHECK(parse(leaf0 + leaf1 + leaf0 + leaf1)->cpus() == std::vector{0, 1});
    CHECK(parse("CPU 0:\n" + leaf0 + leaf1 + leaf0 + leaf1)->cpus() == std::vector{0});
    // A number that is taken moves to the next free one; a CPU without records is none.
    const std::string header = "------[ Logical CPU #0 ]------\n";
    CHECK(parse(header + leaf0 + header + leaf0 + header + header + leaf0)->cpus() == std::vector{0, 1, 2});
    // Not every mention of a CPU is a header.
    const std::string mentions =
        "CPU   1: APICID    2 / Package 0 / Core   1 / Thread 0: Valid\nCPU#2 AffMask: 0x4\n"
        "------[ MSR Registers / Logical CPU #5 ]------\nCPUID Revision: 000206C2h\n";
    CHECK(parse(header + mentions + leaf0)->cpus() == std::vector{0});
}

TEST_CASE("damage is refused with its line") {
    const std::string good = "CPUID 00000000: 00000001-00000000-00000000-00000000\n";
    CHECK(parse_error(good + "CPUID 00000001: 00000001-0000").where == "dump.txt:2");
    CHECK(parse_error(good + "\nCPUID 00000001: < FAILED >").where == "dump.txt:3");
    CHECK(parse_error("CPUID 00000004: 1C004121-01C0003F-0000003F-00000000 [SL xx]").where == "dump.txt:1");
    CHECK(parse_error("   0x00000004 0x02: eax=0x1c004121 ebx=0x01c0003f ecx=").where == "dump.txt:1");
    CHECK(parse_error("basic_cpuid[99999999]=00000001 00000000 00000000 00000000").where == "dump.txt:1");
    CHECK(parse_error("basic_cpuid[1]=00000001 00000000").where == "dump.txt:1");
    CHECK(parse_error("------[ Logical CPU #16384 ]------").where == "dump.txt:1");
    for (const char* text :
         {"", "\n\n", "hello", "CPUID Manufacturer: GenuineIntel\n", "CPU 0:\n vendor_id = \"x\"\n"}) {
        INFO(text);
        CHECK(parse_error(text).where == "dump.txt");
        CHECK_FALSE(parse_error(text).hint.empty());
        CHECK_FALSE(looks_like_cpuid_text(text));
    }
}

TEST_CASE("a dump whose only record is damaged is recognised, so that the damage is what is told") {
    CHECK(looks_like_cpuid_text("CPUID 00000001: 00000001-0000"));
    CHECK(looks_like_cpuid_text("CPU 0:\n   0x00000004 0x02: eax=0x1c004121 ebx=0x01c0003f ecx="));
    CHECK(looks_like_cpuid_text("basic_cpuid[1]=00000001 00000000"));
}

TEST_CASE("more CPUs than the limit are refused") {
    std::string text;
    for (int i = 0; i <= CpuidReplay::kCpusMax; ++i)
        text += "CPUID 00000000: 00000001-00000000-00000000-00000000\n";
    CHECK(parse_error(text).where == "dump.txt:16385");
}

TEST_CASE("hwloc's files are read") {
    const auto dir = folder(
        {{"pu0",
          "# mask e[abcd]x => e[abcd]x\n1 0 0 0 0 => d 756e6547 6c65746e 49656e69\n"
          "5 4 0 2 0 => 1c004121 1c0003f 3f 0\n1 6 0 9 0 => 1 2 3 4\n"},
         {"pu12",
          "1 0 0 0 0 => d 756e6547 6c65746e 49656e69\nrubbish\n5 4 0 => 1\n1 1 0 0 0 => 123456789 0 0 0"},
         {"pu2", "rubbish\n"},
         {"pu03", "1 0 0 0 0 => 1 2 3 4\n"},
         {"pu16384", "1 0 0 0 0 => 1 2 3 4\n"},
         {"hwloc-cpuid-info", "Architecture: x86\n"}});
    const auto source = pu_files(dir, "folder");
    REQUIRE(source);
    CHECK(source->name() == "folder");
    CHECK(source->cpus() == std::vector{0, 12});
    REQUIRE(source->select(0));
    CHECK(source->get(4, 2) == kRegs);
    CHECK(source->get(6, 0) == CpuidRegs{1, 2, 3, 4});  // ECX did not matter, by the mask
    REQUIRE(source->select(12));
    CHECK(source->get(0, 0)->eax == 0xd);
    CHECK_FALSE(source->get(4, 0).has_value());
    CHECK_FALSE(source->get(1, 0).has_value());

    // Lines as in the file before, moved by one, and of another value.
    const auto alike = pu_files(folder({{"pu0", "1 6 0 0 0 => 1 2 3 4\n1 7 0 0 0 => 5 6 7 8\n"},
                                        {"pu1", "1 6 0 0 0 => 1 2 3 4\n1 7 0 0 0 => 5 6 7 9\n"},
                                        {"pu2", "#\n1 6 0 0 0 => 1 2 3 4\n"}}),
                                "folder");
    REQUIRE(alike);
    REQUIRE(alike->select(1));
    CHECK(alike->get(6, 0) == CpuidRegs{1, 2, 3, 4});
    CHECK(alike->get(7, 0) == CpuidRegs{5, 6, 7, 9});
    REQUIRE(alike->select(2));
    CHECK(alike->get(6, 0) == CpuidRegs{1, 2, 3, 4});
    CHECK_FALSE(alike->get(7, 0).has_value());

    CHECK(pu_files(folder({{"readme", "x"}}), "folder") == nullptr);
    CHECK(pu_files(folder({{"pu0", "rubbish"}}), "folder") == nullptr);
}

TEST_CASE("hwloc's files: what most CPUs say alike is kept once, and is answered all the same") {
    const std::string first = "1 1 0 0 0 => a10f11 800 0 0\n5 4 0 0 0 => 7 0 0 0\n5 b 0 0 0 => 1 2 100 0";
    const auto changed = [&](const char* what, const char* by) {
        std::string text = first;
        return text.replace(text.find(what), std::string_view(what).size(), by);
    };
    const auto source = pu_files(folder({{"pu0", first},
                                         {"pu1", changed("100 0", "100 3")},
                                         {"pu2", changed("=> 7", "=> 8")},
                                         {"pu3", changed("5 b", "5 1f")},
                                         {"pu4", changed("7 0 0 0", "7 0 0")},
                                         {"pu5", first + "\n1 1 0 0 0 => 9 0 0 0"},
                                         {"pu6", ""},
                                         {"pu7", first + "1"}}),
                                 "folder");
    REQUIRE(source);
    CHECK(source->cpus() == std::vector{0, 1, 2, 3, 4, 5, 7});
    REQUIRE(source->select(1));
    CHECK(source->answers_like(0));
    CHECK_FALSE(source->answers_like(2));
    CHECK_FALSE(source->answers_like(3));
    CHECK(source->get(1, 0)->eax == 0xa10f11);
    CHECK(source->get(0xb, 0)->edx == 3);
    CHECK_FALSE(source->get(0x1f, 0).has_value());
    REQUIRE(source->select(2));
    CHECK(source->get(4, 0)->eax == 8);
    CHECK_FALSE(source->answers_like(0));
    REQUIRE(source->select(3));
    CHECK_FALSE(source->get(0xb, 0).has_value());
    CHECK(source->get(0x1f, 0)->eax == 1);
    REQUIRE(source->select(4));
    CHECK_FALSE(source->get(4, 0).has_value());
    REQUIRE(source->select(5));
    CHECK(source->get(1, 0)->eax == 0xa10f11);
    REQUIRE(source->select(7));
    CHECK(source->get(0xb, 0)->edx == 1);
}

TEST_CASE("CPUs that differ in their place alone answer alike") {
    const auto records = [](std::uint32_t apic_id, std::uint32_t threads, std::uint32_t l1) {
        return std::vector<CpuidRecord>{
            {1, 0, {0xa10f11, apic_id << 24 | 0x800, 0, 0}},
            {4, 0, {l1, 0, 0, 0}},
            {0xb, 0, {1, 2, 0x100, apic_id}},
            {0x8000'001e, 0, {apic_id, (threads - 1) << 8 | apic_id / 2, apic_id / 8, 0}}};
    };
    CpuidReplay replay(
        {{0, records(0, 2, 7)}, {1, records(9, 2, 7)}, {2, records(10, 1, 7)}, {3, records(11, 2, 8)}}, "x");
    REQUIRE(replay.select(1));
    CHECK(replay.answers_like(0));
    CHECK_FALSE(replay.answers_like(2));
    CHECK_FALSE(replay.answers_like(3));
    CHECK_FALSE(replay.answers_like(7));  // there is none
}
