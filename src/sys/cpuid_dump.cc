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

// Of an answer, what tells of the CPU's kind. The rest is its place: Intel SDM vol. 2A, CPUID leaves 01H, 0BH
// and 1FH; AMD APM vol. 3, Appendix E, Fn8000_001E and Fn8000_0026.
CpuidRegs without_place(const CpuidRecord& record) {
    CpuidRegs regs = record.regs;
    if (record.leaf == 1) regs.ebx &= 0x00ff'ffff;
    if (record.leaf == 0xb || record.leaf == 0x1f || record.leaf == 0x8000'0026) regs.edx = 0;
    if (record.leaf == 0x8000'001e) {
        regs.eax = 0;
        regs.ebx &= ~0xffU;
        regs.ecx &= ~0xffU;
    }
    return regs;
}

bool answers_same(const CpuidRecord& a, const CpuidRecord& b) {
    return asks_same(a, b) && (a.regs == b.regs || without_place(a) == without_place(b));
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

const CpuidCpuRecords* CpuidReplay::find(int cpu) const {
    const auto at =
        std::lower_bound(cpus_.begin(), cpus_.end(), cpu,
                         [](const CpuidCpuRecords& entry, int wanted) { return entry.cpu < wanted; });
    return at != cpus_.end() && at->cpu == cpu ? &*at : nullptr;
}

bool CpuidReplay::select(int cpu) {
    const CpuidCpuRecords* found = find(cpu);
    if (found == nullptr) return false;
    selected_ = static_cast<std::size_t>(found - cpus_.data());
    return true;
}

bool CpuidReplay::answers_like(int cpu) const {
    const CpuidCpuRecords* other = find(cpu);
    if (other == nullptr) return false;
    const auto& records = cpus_[selected_].records;
    return std::equal(records.begin(), records.end(), other->records.begin(), other->records.end(),
                      answers_same);
}

std::optional<CpuidRegs> CpuidReplay::get(std::uint32_t leaf, std::uint32_t subleaf) const {
    if (cpus_.empty()) return std::nullopt;
    const CpuidRecord wanted{leaf, subleaf, {}};
    const auto& records = cpus_[selected_].records;
    const auto at = std::lower_bound(records.begin(), records.end(), wanted, asks_before);
    if (at == records.end() || !asks_same(*at, wanted)) return std::nullopt;
    return at->regs;
}

namespace {

// A pu file, and its first lines as they were understood: most are the same in the next file.
struct PuFile {
    struct Line {
        std::string_view text;
        std::optional<CpuidRecord> record;
    };
    static constexpr std::size_t kLinesMax = 512;
    std::string text;
    std::vector<Line> lines;
};

std::vector<CpuidRecord> read_records(PuFile& file, const PuFile& before) {
    std::vector<CpuidRecord> records;
    records.reserve(before.lines.size());
    file.lines.clear();
    std::size_t number = 0;
    for (std::string_view rest = file.text; !rest.empty(); ++number) {
        const std::string_view text = take_line(rest);
        const bool is_known = number < before.lines.size() && before.lines[number].text == text;
        const PuFile::Line line{text, is_known ? before.lines[number].record : parse_pu_line(text)};
        if (line.record) records.push_back(*line.record);
        if (number < PuFile::kLinesMax) file.lines.push_back(line);
    }
    return records;
}

}  // namespace

std::unique_ptr<CpuidSource> cpuid_from_pu_files(const Dir& dir, std::string name) {
    std::vector<CpuidCpuRecords> cpus;
    std::size_t records = 0;
    PuFile files[2];
    for (const int cpu : numbered_entries(dir, "", "pu")) {
        if (cpu >= CpuidReplay::kCpusMax) break;
        auto text = dir.read("pu" + std::to_string(cpu));
        if (!text) continue;
        PuFile& file = files[cpus.size() % 2];
        file.text = std::move(*text);
        CpuidCpuRecords entry{cpu, read_records(file, files[(cpus.size() + 1) % 2])};
        records += entry.records.size();
        if (records > CpuidReplay::kRecordsMax) break;
        if (!entry.records.empty()) cpus.push_back(std::move(entry));
    }
    if (cpus.empty()) return nullptr;
    return std::make_unique<CpuidReplay>(std::move(cpus), std::move(name));
}

}  // namespace torque
