#include "probes/cpu_names.h"

#include <algorithm>

#include "catch.h"
#include "sys/cpuid_dump.h"

using namespace torque;

namespace {

// Leaf 0 to 7 of an Intel CPU of the given signature, with AVX2 (leaf 7 EBX[5]), SSE4.2 (leaf 1 ECX[20]) and
// TSC.
CpuNames names_of(std::uint32_t signature, const char* vendor_dump) {
    const auto source = cpuid_from_text(
        "CPU 0:\n" + std::string(vendor_dump) + "   0x00000001 0x00: eax=0x" +
            [signature] {
                char text[9];
                std::snprintf(text, sizeof text, "%08x", signature);
                return std::string(text);
            }() +
            " ebx=0x00100800 ecx=0x00100000 edx=0x00000010\n"
            "   0x00000007 0x00: eax=0x00000000 ebx=0x00000020 ecx=0x00000000 edx=0x00000000\n"
            "   0x80000000 0x00: eax=0x80000008 ebx=0x00000000 ecx=0x00000000 edx=0x00000000\n",
        "test");
    REQUIRE(source);
    (*source)->select(0);
    return read_cpu_names(**source);
}

// "GenuineIntel" and "AuthenticAMD".
constexpr const char* kIntel =
    "   0x00000000 0x00: eax=0x00000007 ebx=0x756e6547 ecx=0x6c65746e edx=0x49656e69\n";
constexpr const char* kNobody =
    "   0x00000000 0x00: eax=0x00000007 ebx=0x20202020 ecx=0x20202020 edx=0x20202020\n";

bool has(const CpuNames& names, const char* feature) {
    return std::find(names.features.begin(), names.features.end(), feature) != names.features.end();
}

}  // namespace

TEST_CASE("a CPU's code name and features come from its registers") {
    const CpuNames names = names_of(0x000906ea, kIntel);
    if (!cpu_names_source()) {  // the program was built without tables
        CHECK_FALSE(names.codename);
        CHECK(names.features.empty());
        return;
    }
    REQUIRE(names.codename);
    CHECK(names.codename->find("Coffee Lake") != std::string::npos);
    CHECK(has(names, "avx2"));
    CHECK(has(names, "sse4_2"));
    CHECK(has(names, "tsc"));
    CHECK_FALSE(has(names, "avx512f"));
}

TEST_CASE("a CPU that is in no table has no code name") {
    CHECK_FALSE(names_of(0x000906ea, kNobody).codename);
}

TEST_CASE("a name that another model would get as well is not told") {
    // Sapphire Rapids: libcpuid's tables of 2023 call it a Conroe. Newer tables may know it.
    const auto codename = names_of(0x000806f8, "Intel(R) Xeon(R) Platinum 8480+").codename;
    CHECK((!codename || codename->find("Sapphire") != std::string::npos));
}

TEST_CASE("more caches than any CPU has do no harm in the library") {
    std::string caches;
    for (int i = 0; i < 8; ++i) {
        caches += "   0x00000004 0x0" + std::to_string(i) +
                  ": eax=0x04004121 ebx=0x01c0003f ecx=0x0000003f edx=0x00000000\n";
    }
    const bool has_tables = cpu_names_source().has_value();
    CHECK(has(names_of(0x000906ea, (kIntel + caches).c_str()), "tsc") == has_tables);
}
