#include "sys/cpuid_dump.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/parse.h"

namespace torque {

namespace {

bool asks_before(const CpuidRecord& a, const CpuidRecord& b) {
    return std::tie(a.leaf, a.subleaf) < std::tie(b.leaf, b.subleaf);
}

bool asks_same(const CpuidRecord& a, const CpuidRecord& b) {
    return a.leaf == b.leaf && a.subleaf == b.subleaf;
}

void skip_space(std::string_view& rest) {
    while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t')) rest.remove_prefix(1);
}

bool take_word(std::string_view& rest, std::string_view word) {
    skip_space(rest);
    if (!rest.starts_with(word)) return false;
    rest.remove_prefix(word.size());
    return true;
}

// A register: up to eight hexadecimal digits, "0x" before them or not, and a space or the end after them.
bool take_hex(std::string_view& rest, std::uint32_t& value) {
    skip_space(rest);
    if (rest.size() > 1 && rest[0] == '0' && (rest[1] | 0x20) == 'x') rest.remove_prefix(2);
    std::size_t digits = 0;
    value = 0;
    for (; digits < rest.size(); ++digits) {
        const int digit = hex_digit(rest[digits]);
        if (digit < 0) break;
        if (digits == 8) return false;
        value = value << 4 | static_cast<std::uint32_t>(digit);
    }
    rest.remove_prefix(digits);
    return digits > 0 &&
           (rest.empty() || rest.front() == ' ' || rest.front() == '\t' || rest.front() == '\r');
}

// "MASK eax ebx ecx edx => eax ebx ecx edx": the mask says which input registers matter (1 eax, 4 ecx).
std::optional<CpuidRecord> parse_pu_line(std::string_view line) {
    std::uint32_t mask = 0, ebx_in = 0, edx_in = 0;
    CpuidRecord record;
    if (!take_hex(line, mask) || !take_hex(line, record.leaf) || !take_hex(line, ebx_in)) return std::nullopt;
    if (!take_hex(line, record.subleaf) || !take_hex(line, edx_in)) return std::nullopt;
    if (!take_word(line, "=>")) return std::nullopt;
    CpuidRegs& regs = record.regs;
    if (!take_hex(line, regs.eax) || !take_hex(line, regs.ebx)) return std::nullopt;
    if (!take_hex(line, regs.ecx) || !take_hex(line, regs.edx)) return std::nullopt;
    if ((mask & 4) == 0) record.subleaf = 0;
    return record;
}

}  // namespace

CpuidReplay::CpuidReplay(std::vector<CpuidCpuRecords> cpus, std::string name)
    : cpus_(std::move(cpus)), name_(std::move(name)) {
    std::sort(cpus_.begin(), cpus_.end(), [](const auto& a, const auto& b) { return a.cpu < b.cpu; });
    for (auto& [cpu, records] : cpus_) {
        if (!std::is_sorted(records.begin(), records.end(), asks_before)) {
            std::stable_sort(records.begin(), records.end(), asks_before);
        }
        records.erase(std::unique(records.begin(), records.end(), asks_same), records.end());
    }
}

std::vector<int> CpuidReplay::cpus() const {
    std::vector<int> numbers;
    numbers.reserve(cpus_.size());
    for (const auto& entry : cpus_) numbers.push_back(entry.cpu);
    return numbers;
}

bool CpuidReplay::select(int cpu) {
    const auto at =
        std::lower_bound(cpus_.begin(), cpus_.end(), cpu,
                         [](const CpuidCpuRecords& entry, int wanted) { return entry.cpu < wanted; });
    if (at == cpus_.end() || at->cpu != cpu) return false;
    selected_ = static_cast<std::size_t>(at - cpus_.begin());
    return true;
}

std::optional<CpuidRegs> CpuidReplay::get(std::uint32_t leaf, std::uint32_t subleaf) const {
    if (cpus_.empty()) return std::nullopt;
    const CpuidRecord wanted{leaf, subleaf, {}};
    const auto& records = cpus_[selected_].records;
    const auto at = std::lower_bound(records.begin(), records.end(), wanted, asks_before);
    if (at == records.end() || !asks_same(*at, wanted)) return std::nullopt;
    return at->regs;
}

std::unique_ptr<CpuidSource> cpuid_from_pu_files(const Dir& dir, std::string name) {
    std::vector<CpuidCpuRecords> cpus;
    std::size_t records = 0;
    for (const int cpu : numbered_entries(dir, "", "pu")) {
        if (cpu >= CpuidReplay::kCpusMax) break;
        const auto text = dir.read("pu" + std::to_string(cpu));
        if (!text) continue;
        CpuidCpuRecords entry{cpu, {}};
        for (std::string_view rest = *text; !rest.empty() && records < CpuidReplay::kRecordsMax;) {
            const auto record = parse_pu_line(take_line(rest));
            if (!record) continue;
            entry.records.push_back(*record);
            ++records;
        }
        if (!entry.records.empty()) cpus.push_back(std::move(entry));
    }
    if (cpus.empty()) return nullptr;
    return std::make_unique<CpuidReplay>(std::move(cpus), std::move(name));
}

}  // namespace torque
