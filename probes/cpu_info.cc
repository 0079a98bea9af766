#include "probes/cpu_info.h"

#include <string_view>

#include "base/parse.h"

namespace torque {
namespace {

constexpr std::size_t kCpusMax = 1 << 16;

std::optional<int> small_number(std::string_view text) {
    const auto value = text.starts_with("0x") ? parse_hex(text) : parse_unsigned(text);
    return value && *value <= INT32_MAX ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

// What the kernel writes of an x86 CPU that has no name: family and model, "06/07", or a word for nothing
// (arch/x86/kernel/cpu/common.c, proc.c).
bool is_placeholder(std::string_view name) {
    const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    return name == "unknown" || (name.size() == 5 && name[2] == '/' && is_hex(name[0]) && is_hex(name[1]) &&
                                 is_hex(name[3]) && is_hex(name[4]));
}

// The architecture shows in which lines there are, and in which words they use.
void take_arch(std::string_view key, std::string_view value, CpuInfo& cpu) {
    if (key == "flags") {
        const bool is_long = value.find(" lm ") != value.npos || value.ends_with(" lm");
        // The kernel for 32 bits tells of a bug of the Pentium that the other one cannot meet.
        if (cpu.arch != "i686") cpu.arch = is_long ? "x86_64" : "i686";
    }
    if (key == "fdiv_bug") cpu.arch = "i686";
    if (key == "CPU architecture") {
        // "model name" is there on a kernel for 32 bits only: "ARMv7 Processor rev 4 (v7l)".
        if (value == "8" || value == "AArch64")
            cpu.arch = cpu.brand && cpu.brand->starts_with("ARMv") ? "armv8l" : "aarch64";
        if (value == "7") cpu.arch = "armv7l";
    }
    if (key == "isa" && value.starts_with("rv64")) cpu.arch = "riscv64";
    if (key == "isa" && value.starts_with("rv32")) cpu.arch = "riscv32";
    if (key == "CPU Family" && value == "Loongson-64bit") cpu.arch = "loongarch64";
    if (key == "arch" && value == "IA-64") cpu.arch = "ia64";
}

void take_field(std::string_view key, std::string_view value, CpuInfo& cpu) {
    const auto text = [&] { return std::string(value); };
    if (key == "vendor_id" || key == "CPU implementer") cpu.vendor = text();
    if (key == "model name" || key == "cpu" || key == "CPU part" || key == "uarch" || key == "Model Name") {
        if (!cpu.brand && !is_placeholder(value)) cpu.brand = text();
    }
    if (key == "cpu family" || key == "CPU architecture") cpu.family = small_number(value);
    if (key == "model" || key == "CPU variant") cpu.model = small_number(value);
    if (key == "stepping" || key == "CPU revision") cpu.stepping = small_number(value);
    if (key == "apicid") {
        if (const auto id = parse_unsigned(value, UINT32_MAX)) cpu.apic_id = static_cast<std::uint32_t>(*id);
    }
    if (key == "siblings") cpu.package_cpus = small_number(value);
    if (key == "cpu cores") cpu.package_cores = small_number(value);
    if (key == "flags") cpu.hypervisor = value.find(" hypervisor") != value.npos;
    take_arch(key, value, cpu);
}

}  // namespace

std::vector<CpuInfo> read_cpu_info(const Dir& root) {
    std::vector<CpuInfo> cpus;
    const auto text = root.read("proc/cpuinfo");
    if (!text) return cpus;
    for (std::string_view rest = *text; !rest.empty();) {
        std::string_view value = take_line(rest);
        const std::string_view key = trim_space(take_until(value, ':'));
        value = trim_space(value);
        if (key == "processor") {
            const auto id = parse_unsigned(value, kCpusMax);
            if (id && cpus.size() < kCpusMax) {
                cpus.emplace_back();
                cpus.back().cpu = static_cast<int>(*id);
            }
        } else if (!cpus.empty()) {
            take_field(key, value, cpus.back());
        }
    }
    return cpus;
}

}  // namespace torque
