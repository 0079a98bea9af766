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

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

// A register: up to eight hexadecimal digits, "0x" before them or not, and a space or the end after them.
bool take_hex(std::string_view& rest, std::uint32_t& value) {
    const char* at = rest.data();
    const char* const end = at + rest.size();
    while (at != end && is_blank(*at)) ++at;
    if (end - at > 1 && at[0] == '0' && (at[1] | 0x20) == 'x') at += 2;
    const char* const first = at;
    std::uint32_t read = 0;
    for (int digit = 0; at != end && (digit = hex_digit(*at)) >= 0; ++at) {
        read = read << 4 | static_cast<std::uint32_t>(digit);
    }
    value = read;
    rest = {at, static_cast<std::size_t>(end - at)};
    return at != first && at - first <= 8 && (at == end || is_blank(*at) || *at == '\r');
}

// "MASK eax ebx ecx edx =>": the mask says which registers matter (1 eax, 4 ecx).
bool take_question(std::string_view& line, CpuidRecord& record) {
    std::uint32_t mask = 0, ebx = 0, edx = 0;
    if (!take_hex(line, mask) || !take_hex(line, record.leaf) || !take_hex(line, ebx)) return false;
    if (!take_hex(line, record.subleaf) || !take_hex(line, edx)) return false;
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (!line.starts_with("=>")) return false;
    line.remove_prefix(2);
    if ((mask & 4) == 0) record.subleaf = 0;
    return true;
}

// "eax ebx ecx edx".
bool take_answer(std::string_view line, CpuidRegs& regs) {
    return take_hex(line, regs.eax) && take_hex(line, regs.ebx) && take_hex(line, regs.ecx) &&
           take_hex(line, regs.edx);
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
    for (CpuidCpuRecords& cpu : cpus_) {
        auto& records = cpu.records;
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

const CpuidRecord* CpuidReplay::answer(const CpuidCpuRecords& cpu, const CpuidRecord& asked) const {
    const auto search = [&](const std::vector<CpuidRecord>& records) {
        const auto at = std::lower_bound(records.begin(), records.end(), asked, asks_before);
        return at != records.end() && asks_same(*at, asked) ? &*at : nullptr;
    };
    const CpuidRecord* own = search(cpu.records);
    if (own != nullptr || !cpu.like) return own;
    const CpuidCpuRecords* like = find(*cpu.like);
    return like != nullptr ? search(like->records) : nullptr;
}

bool CpuidReplay::answers_like(int cpu) const {
    const CpuidCpuRecords* other = find(cpu);
    if (other == nullptr) return false;
    const CpuidCpuRecords& selected = cpus_[selected_];
    if (selected.like || other->like) {
        const auto kind = [](const CpuidCpuRecords& one) { return one.is_of_one_kind ? *one.like : one.cpu; };
        return kind(selected) == kind(*other);
    }
    return std::equal(selected.records.begin(), selected.records.end(), other->records.begin(),
                      other->records.end(), answers_same);
}

std::optional<CpuidRegs> CpuidReplay::get(std::uint32_t leaf, std::uint32_t subleaf) const {
    if (cpus_.empty()) return std::nullopt;
    const CpuidRecord* record = answer(cpus_[selected_], {leaf, subleaf, {}});
    return record != nullptr ? std::optional(record->regs) : std::nullopt;
}

namespace {

// A CPU's file, by which those of others are read: most lines are the same.
class PuFile {
  public:
    PuFile(int cpu, std::string text) : cpu_(cpu), text_(std::move(text)) {
        for (std::string_view rest = text_; !rest.empty();) {
            const std::string_view at = rest;
            const std::string_view line = take_line(rest);
            std::string_view answer = line;
            CpuidRecord record;
            const bool is_record = take_question(answer, record) && take_answer(answer, record.regs);
            if (is_record) records_.push_back(record);
            if (lines_.size() > kLinesMax) continue;
            lines_.push_back({at.substr(0, at.size() - rest.size()),
                              is_record ? line.substr(0, line.size() - answer.size()) : std::string_view(),
                              record});
        }
        const auto disordered =
            std::adjacent_find(records_.begin(), records_.end(),
                               [](const auto& a, const auto& b) { return !asks_before(a, b); });
        if (lines_.size() > kLinesMax || disordered != records_.end()) lines_.clear();
    }
    PuFile(PuFile&&) = delete;  // the lines are parts of the text

    const std::vector<CpuidRecord>& records() const { return records_; }

    // What another CPU's file answers otherwise; absent where it asks something else, or in another way.
    std::optional<CpuidCpuRecords> read_like(int cpu, std::string_view text) const {
        if (lines_.empty()) return std::nullopt;
        CpuidCpuRecords found{cpu, {}, cpu_, true};
        found.records.reserve(kDifferencesUsual);
        for (const Line& line : lines_) {
            if (text.starts_with(line.text)) {
                text.remove_prefix(line.text.size());
                continue;
            }
            if (line.question.empty() || !text.starts_with(line.question)) return std::nullopt;
            text.remove_prefix(line.question.size());
            CpuidRecord record = line.record;
            if (!take_answer(take_line(text), record.regs)) return std::nullopt;
            found.is_of_one_kind = found.is_of_one_kind && answers_same(record, line.record);
            found.records.push_back(record);
        }
        if (!text.empty()) return std::nullopt;
        return found;
    }

  private:
    struct Line {
        std::string_view text;      // with its end
        std::string_view question;  // of a record: what comes before the answer
        CpuidRecord record;
    };
    static constexpr std::size_t kLinesMax = 512;
    static constexpr std::size_t kDifferencesUsual = 16;

    int cpu_;
    std::string text_;
    std::vector<Line> lines_;  // none where the questions do not ascend, or are many: no file is read by it
    std::vector<CpuidRecord> records_;
};

}  // namespace

std::optional<int> pu_file_cpu(std::string_view file_name) {
    if (!file_name.starts_with("pu")) return std::nullopt;
    const std::string_view digits = file_name.substr(2);
    const auto cpu = parse_unsigned(digits, CpuidReplay::kCpusMax - 1);
    if (!cpu || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
    return static_cast<int>(*cpu);
}

std::unique_ptr<CpuidSource> cpuid_from_pu_files(const Dir& dir, const std::vector<std::string>& names,
                                                 std::string name) {
    std::vector<int> numbers;
    for (const std::string& file_name : names) {
        if (const auto cpu = pu_file_cpu(file_name)) numbers.push_back(*cpu);
    }
    std::sort(numbers.begin(), numbers.end());
    std::vector<CpuidCpuRecords> cpus;
    std::size_t records = 0;
    std::optional<PuFile> model;
    for (const int cpu : numbers) {
        auto text = dir.read("pu" + std::to_string(cpu));
        if (!text) continue;
        auto entry = model ? model->read_like(cpu, *text) : std::nullopt;
        if (!entry) {
            model.emplace(cpu, std::move(*text));
            entry = CpuidCpuRecords{cpu, model->records()};
        }
        records += model->records().size();
        if (records > CpuidReplay::kRecordsMax) break;
        if (!model->records().empty()) cpus.push_back(std::move(*entry));
    }
    if (cpus.empty()) return nullptr;
    return std::make_unique<CpuidReplay>(std::move(cpus), std::move(name));
}

}  // namespace torque
