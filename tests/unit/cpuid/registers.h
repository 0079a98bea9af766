// Registers written by hand, and a source that counts what it is asked.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sys/cpuid_dump.h"

namespace torque::test {

// Twelve letters as leaf 0 returns them (EBX, EDX, ECX).
inline CpuidRegs vendor_regs(std::uint32_t max_leaf, const char* vendor) {
    const auto word = [vendor](int at) {
        std::uint32_t value = 0;
        for (int i = 3; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(vendor[at + i]);
        return value;
    };
    return {max_leaf, word(0), word(8), word(4)};
}

using Records = std::vector<CpuidRecord>;

// Leaf 4 and 0x8000001D: EAX and EBX from their fields.
inline CpuidRegs cache_regs(std::uint32_t type, std::uint32_t level, std::uint32_t ids, std::uint32_t ways,
                            std::uint32_t sets, std::uint32_t edx = 0) {
    return {type | level << 5 | 1U << 8 | (ids - 1) << 14, 63 | (ways - 1) << 22, sets - 1, edx};
}

// Leaf 0x18: `pages` is 1 4K, 2 2M, 4 4M, 8 1G.
inline CpuidRegs tlb_regs(std::uint32_t type, std::uint32_t level, std::uint32_t pages, std::uint32_t ways,
                          std::uint32_t sets, bool full = false) {
    return {0, pages | ways << 16, sets, type | level << 5 | (full ? 1U << 8 : 0)};
}

// Counts executions of CPUID, as a guest pays for them, and answers like a live CPU: zeros where there is
// nothing.
class CountingSource final : public CpuidSource {
  public:
    explicit CountingSource(std::vector<CpuidCpuRecords> cpus) : replay_(std::move(cpus), "counting") {}
    std::vector<int> cpus() const override { return replay_.cpus(); }
    bool select(int cpu) override { return cpu != refused && replay_.select(cpu); }
    std::optional<CpuidRegs> get(std::uint32_t leaf, std::uint32_t subleaf) const override {
        ++count;
        return replay_.get(leaf, subleaf).value_or(CpuidRegs{});
    }
    std::string name() const override { return replay_.name(); }
    std::optional<int> current_cpu() const override { return current; }

    mutable int count = 0;
    int refused = -1;
    std::optional<int> current;

  private:
    CpuidReplay replay_;
};

// A made-up hybrid of two performance cores with two threads, a module of four efficiency cores, and two
// low-power cores without an L3. `cpu` 0 to 9 in that order.
inline Records hybrid_cpu(int cpu) {
    const bool is_big = cpu < 4, is_low_power = cpu >= 8;
    const std::uint32_t ids[] = {0, 1, 8, 9, 16, 18, 20, 22, 64, 66};
    const std::uint32_t id = ids[cpu];
    Records records = {
        {0x0, 0, vendor_regs(0x20, "GenuineIntel")},
        {0x1, 0, {0x000a06a4, id << 24 | 0x00800800, 0x7ffafbbf, 0xbfebfbff}},
        {0x2, 0, {0x00feff01, 0x000000f0, 0, 0}},
        {0x4, 0, cache_regs(1, 1, is_big ? 2 : 1, is_big ? 12 : 8, 64)},
        {0x4, 1, cache_regs(2, 1, is_big ? 2 : 1, is_big ? 16 : 16, 64)},
        {0x4, 2, cache_regs(3, 2, 8, 16, 2048)},
        {0x18, 0, {is_big ? 2U : 1U, 0, 0, 0}},
        {0x1a, 0, {is_big ? 0x4000'0002U : 0x2000'0002U, 0, 0, 0}},
        {0x1f, 0, {1, is_big ? 2U : 1U, 0x100, id}},
        {0x1f, 1, {3, 10, 0x201, id}},
        {0x1f, 2, {7, 10, 0x302, id}},
        {0x1f, 3, {0, 0, 3, id}},
        {0x8000'0000, 0, {0x8000'0004, 0, 0, 0}},
    };
    if (!is_low_power) records.push_back({0x4, 3, cache_regs(3, 3, 128, 12, 24576, 4)});
    if (is_big) {
        records.push_back({0x18, 1, tlb_regs(2, 1, 1, 8, 32)});
        records.push_back({0x18, 2, tlb_regs(5, 1, 15, 16, 1, true)});
    } else {
        records.push_back({0x18, 1, tlb_regs(3, 2, 3, 4, 512)});
    }
    return records;
}

inline std::vector<CpuidCpuRecords> hybrid_machine() {
    std::vector<CpuidCpuRecords> cpus;
    for (int cpu = 0; cpu < 10; ++cpu) cpus.push_back({cpu, hybrid_cpu(cpu)});
    return cpus;
}

// One CPU of an invented two-complex AMD machine without 0xB: three cores a complex, two threads a core,
// complexes in blocks of eight ids.
inline Records zen_cpu(std::uint32_t id, std::uint32_t l3_sets) {
    return {
        {0x0, 0, vendor_regs(0xd, "AuthenticAMD")},
        {0x1, 0, {0x00a20f10, id << 24 | 0x000c0800, 0x7ed8320b, 0x178bfbff}},
        {0x8000'0000, 0, {0x8000'001e, 0, 0, 0}},
        {0x8000'0001, 0, {0x00a20f10, 0x20000000, 1U << 22, 0}},
        {0x8000'0005, 0, {0xff40ff40, 0xff40ff40, 0x20080140, 0x20080140}},
        {0x8000'0006, 0, {0x58002200, 0x68004200, 0x02006140, 0x01009140}},
        {0x8000'0008, 0, {0x3030, 0, 0x400b, 0}},
        {0x8000'0019, 0, {0xf040f040, 0, 0, 0}},
        {0x8000'001d, 0, cache_regs(1, 1, 2, 8, 64)},
        {0x8000'001d, 1, cache_regs(2, 1, 2, 8, 64)},
        {0x8000'001d, 2, cache_regs(3, 2, 2, 8, 1024, 2)},
        {0x8000'001d, 3, cache_regs(3, 3, 6, 16, l3_sets)},
        {0x8000'001e, 0, {id, 0x100 | id >> 1, 0, 0}},
    };
}

inline std::vector<CpuidCpuRecords> zen_machine() {
    std::vector<CpuidCpuRecords> cpus;
    int cpu = 0;
    for (const std::uint32_t complex : {0U, 8U}) {
        for (std::uint32_t i = 0; i < 6; ++i)
            cpus.push_back({cpu++, zen_cpu(complex + i, complex == 0 ? 32768 : 98304)});
    }
    return cpus;
}

}  // namespace torque::test
