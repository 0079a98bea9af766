#include "probes/cpu_names.h"

#include <libcpuid.h>

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

template <std::size_t N>
void put_subleaves(const CpuidLeaves& leaves, std::uint32_t leaf, std::uint32_t (&rows)[N][4]) {
    for (std::uint32_t i = 0; i < N; ++i) {
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

}  // namespace

CpuNames read_cpu_names(const CpuidSource& source) {
    CpuNames names;
    const std::unique_ptr<cpu_raw_data_t> raw = raw_data(CpuidLeaves(source));
    auto id = std::make_unique<cpu_id_t>();
    const libcpuid_warn_fn_t before = cpuid_set_warn_function(ignore_warning);
    const bool identified = cpu_identify(raw.get(), id.get()) == 0;
    cpuid_set_warn_function(before);
    if (!identified) return names;
    const std::string_view codename(id->cpu_codename);
    // "Unknown …" and "N/A" stand for no match.
    if (!codename.empty() && !codename.starts_with("Unknown") && codename != "N/A")
        names.codename = printable(codename);
    for (int feature = 0; feature < NUM_CPU_FEATURES && feature < CPU_FLAGS_MAX; ++feature) {
        if (id->flags[feature] == 0) continue;
        const char* name = cpu_feature_str(static_cast<cpu_feature_t>(feature));
        if (name != nullptr && *name != '\0') names.features.emplace_back(name);
    }
    return names;
}

std::string cpu_names_source() {
    return std::string("libcpuid ") + cpuid_lib_version();
}

}  // namespace torque
