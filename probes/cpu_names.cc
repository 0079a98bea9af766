#include "probes/cpu_names.h"

#include <libcpuid.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "base/parse.h"
#include "probes/cpuid_leaves.h"

namespace torque {
namespace {

void ignore_warning(const char*) {}

void put(const CpuidRegs& regs, std::uint32_t (&row)[4]) {
    row[0] = regs.eax;
    row[1] = regs.ebx;
    row[2] = regs.ecx;
    row[3] = regs.edx;
}

// libcpuid 0.6 notes something of each cache in an array of five, its kinds of caches, by the sub-leaf's
// number and without a look at its end. No CPU has had more caches.
constexpr std::uint32_t kCachesMax = 5;

template <std::size_t N>
void put_subleaves(const CpuidLeaves& leaves, std::uint32_t leaf, std::uint32_t (&rows)[N][4]) {
    for (std::uint32_t i = 0; i < std::min<std::size_t>(N, kCachesMax); ++i) {
        const CpuidRegs regs = leaves.get_or_zero(leaf, i);
        put(regs, rows[i]);
        if ((regs.eax & 0x1f) == 0) return;  // leaf 4 and 0x8000001D: no more caches
    }
}

// The leaves that its matching looks at. The others stay zero, which means "not there" in all of them.
std::unique_ptr<cpu_raw_data_t> raw_data(const CpuidLeaves& leaves) {
    auto raw = std::make_unique<cpu_raw_data_t>();
    for (const std::uint32_t leaf : {0U, 1U, 7U}) put(leaves.get_or_zero(leaf), raw->basic_cpuid[leaf]);
    for (std::uint32_t i = 0; i <= 8; ++i) put(leaves.get_or_zero(0x8000'0000 + i), raw->ext_cpuid[i]);
    if (leaves.is_amd()) {
        if (leaves.has_amd_topology_extensions()) put_subleaves(leaves, 0x8000'001d, raw->amd_fn8000001dh);
        return raw;
    }
    for (const std::uint32_t leaf : {2U, 4U, 0x1aU}) put(leaves.get_or_zero(leaf), raw->basic_cpuid[leaf]);
    put_subleaves(leaves, 4, raw->intel_fn4);
    for (std::uint32_t i = 0; i < 2; ++i) put(leaves.get_or_zero(0xb, i), raw->intel_fn11[i]);
    return raw;
}

// Absent where its tables hold nothing like the CPU; "Unknown ..." and "N/A" mean the same.
std::optional<std::string> name_in_tables(cpu_raw_data_t raw, cpu_id_t& id) {
    if (cpu_identify(&raw, &id) != 0) return std::nullopt;
    const std::string_view name(id.cpu_codename);
    if (name.empty() || name.starts_with("Unknown") || name == "N/A") return std::nullopt;
    return printable(name);
}

// Leaf 1 EAX, SDM volume 2A, CPUID: bits 19-16 extend the model number, 27-20 the family number. The values
// here are of no CPU that was ever made.
struct Strange {
    std::uint32_t mask, value;
    bool amd_only;
};
constexpr Strange kStrange[] = {
    {0x00f0000, 0x00e0000, false},
    {0xff00000, 0x7e00000, true},  // Intel's rows leave the family's extension open
};

// The tables give the nearest row when they do not hold the CPU: those of 2023 take a Sapphire Rapids for a
// Conroe and a Turin for an Abu Dhabi. A name that another model or family would get as well is such a guess.
bool is_guess(const std::string& name, const cpu_raw_data_t& raw, bool is_amd) {
    auto other = std::make_unique<cpu_id_t>();
    for (const Strange& strange : kStrange) {
        if (strange.amd_only && !is_amd) continue;
        cpu_raw_data_t changed = raw;
        for (std::uint32_t* signature : {&changed.basic_cpuid[1][0], &changed.ext_cpuid[1][0]}) {
            *signature = (*signature & ~strange.mask) | strange.value;  // AMD repeats it in 0x80000001
        }
        if (name_in_tables(changed, *other) == name) return true;
    }
    return false;
}

}  // namespace

CpuNames read_cpu_names(const CpuidSource& source) {
    CpuNames names;
    const CpuidLeaves leaves(source);
    const std::unique_ptr<cpu_raw_data_t> raw = raw_data(leaves);
    auto id = std::make_unique<cpu_id_t>();
    const libcpuid_warn_fn_t before = cpuid_set_warn_function(ignore_warning);
    names.codename = name_in_tables(*raw, *id);
    if (names.codename && is_guess(*names.codename, *raw, leaves.is_amd())) names.codename.reset();
    cpuid_set_warn_function(before);
    for (int feature = 0; feature < NUM_CPU_FEATURES && feature < CPU_FLAGS_MAX; ++feature) {
        if (id->flags[feature] == 0) continue;
        const char* name = cpu_feature_str(static_cast<cpu_feature_t>(feature));
        if (name != nullptr && *name != '\0') names.features.emplace_back(name);
    }
    return names;
}

std::optional<std::string> cpu_names_source() {
    return std::string("libcpuid ") + cpuid_lib_version();
}

}  // namespace torque
