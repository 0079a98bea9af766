// The dialects of text dumps. A record is one line, and what precedes it says which CPU it is of:
//
//   cpuid -r     CPU 0:
//                   0x00000004 0x01: eax=0x04000122 ebx=0x01c0003f ecx=0x0000003f edx=0x00000000
//   AIDA64       ------[ CPUID Registers / Logical CPU #0 ]------      or "------[ Logical CPU #0 ]------"
//                CPUID 00000004: 04000122-01C0003F-0000003F-00000000 [SL 01]
//   older        CPUID Registers (CPU #1 Virtual):                     counts from 1, some from 0
//                allows ':', a tab or blanks for the parting marks, and leaves "[SL nn]" out: then the
//                sub-leaf is the number of earlier lines of that leaf
//   libcpuid     basic_cpuid[4]=04000122 01c0003f 0000003f 00000000
//                intel_fn4[1]=…                                        sub-leaves of leaf 4
#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <utility>

#include "base/parse.h"
#include "sys/cpuid_dump.h"

namespace torque {

namespace {

constexpr std::string_view kDamagedHint =
    "the dump is damaged or cut short: record it again, or remove the line";

bool is_hex_digit(char c) {
    return hex_digit(c) >= 0;
}

bool skip_prefix(std::string_view& text, std::string_view prefix) {
    if (text.substr(0, prefix.size()) != prefix) return false;
    text.remove_prefix(prefix.size());
    return true;
}

void skip_any(std::string_view& text, std::string_view characters) {
    text.remove_prefix(std::min(text.find_first_not_of(characters), text.size()));
}

// Exactly eight digits, as all dialects print a register.
std::optional<std::uint32_t> take_register(std::string_view& text) {
    if (text.size() < 8 || (text.size() > 8 && is_hex_digit(text[8]))) return std::nullopt;
    for (int i = 0; i < 8; ++i) {
        if (!is_hex_digit(text[static_cast<std::size_t>(i)])) return std::nullopt;
    }
    const auto value = parse_hex(text.substr(0, 8));
    text.remove_prefix(8);
    return static_cast<std::uint32_t>(*value);
}

std::optional<std::uint64_t> take_decimal(std::string_view& text) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto value = parse_unsigned(text.substr(0, end));
    text.remove_prefix(end);
    return value;
}

// UTF-16 with or without its mark becomes 8 bits a character; all that matters in a dump is ASCII.
std::string from_utf16(std::string_view text, bool big_endian) {
    std::string narrow;
    narrow.reserve(text.size() / 2);
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        const char high = text[big_endian ? i : i + 1];
        const char low = text[big_endian ? i + 1 : i];
        narrow.push_back(high == 0 ? low : '?');
    }
    return narrow;
}

// The text as 8 bits a character, without a byte order mark; kept in `storage` when it had to be converted.
std::string_view narrowed(std::string_view text, std::string& storage) {
    if (skip_prefix(text, "\xef\xbb\xbf") || text.size() < 2) return text;
    const bool is_little = skip_prefix(text, "\xff\xfe") || text[1] == 0;
    const bool is_big = !is_little && (skip_prefix(text, "\xfe\xff") || text[0] == 0);
    if (!is_little && !is_big) return text;
    storage = from_utf16(text, is_big);
    return storage;
}

// The CPU that the following records are of, when the line says so.
struct Header {
    std::uint64_t cpu = 0;
    bool is_older_style = false;
};

std::optional<Header> parse_older_header(std::string_view line) {
    if (!skip_prefix(line, "CPUID Registers (CPU #")) return std::nullopt;
    const auto number = take_decimal(line);
    if (!number) return std::nullopt;
    return Header{*number, true};
}

std::optional<Header> parse_header(std::string_view line) {
    if (const auto older = parse_older_header(line)) return older;
    const auto header_if_done = [&line](const std::optional<std::uint64_t>& number) -> std::optional<Header> {
        if (!number || !line.empty()) return std::nullopt;
        return Header{*number, false};
    };
    const bool is_ruled = !line.empty() && (line[0] == '-' || line[0] == '_');
    skip_any(line, "-_[ \t");
    skip_prefix(line, "CPUID Registers / ");
    if (skip_prefix(line, "Logical CPU #")) {
        const auto number = take_decimal(line);
        skip_any(line, "]-_: \t");
        return header_if_done(number);
    }
    if (is_ruled || !skip_prefix(line, "CPU")) return std::nullopt;
    if (line == ":") return Header{};  // cpuid -1 -r
    skip_any(line, " \t#");
    const auto number = take_decimal(line);
    skip_any(line, ": \t");
    return header_if_done(number);
}

struct ParsedLine {
    enum class Kind { other, record, damaged } kind = Kind::other;
    CpuidRecord record;
    bool has_subleaf = true;
    bool is_libcpuid = false;
};

ParsedLine damaged() {
    return {ParsedLine::Kind::damaged, {}, true, false};
}

// "00000004: a-b-c-d [SL 01] …", after "CPUID".
ParsedLine parse_aida(std::string_view line) {
    ParsedLine parsed;
    skip_any(line, " \t");
    const auto leaf = take_register(line);
    if (!leaf) return parsed;  // "CPUID Manufacturer : …"
    skip_any(line, ": \t");
    std::array<std::uint32_t, 4> regs{};
    for (std::uint32_t& reg : regs) {
        const auto value = take_register(line);
        if (!value) return damaged();
        reg = *value;
        if (&reg != &regs.back()) skip_any(line, "- \t");
    }
    parsed.kind = ParsedLine::Kind::record;
    parsed.record = {*leaf, 0, {regs[0], regs[1], regs[2], regs[3]}};
    const std::size_t mark = line.find("[SL ");
    parsed.has_subleaf = mark != std::string_view::npos;
    if (parsed.has_subleaf) {
        line.remove_prefix(mark + 4);
        const auto subleaf = parse_hex(take_until(line, ']'));
        if (!subleaf || *subleaf > 0xffff'ffff) return damaged();
        parsed.record.subleaf = static_cast<std::uint32_t>(*subleaf);
    }
    return parsed;
}

// "00000004 0x01: eax=0x… ebx=0x… ecx=0x… edx=0x…", after "0x".
ParsedLine parse_cpuid_r(std::string_view line) {
    ParsedLine parsed;
    const auto leaf = take_register(line);
    if (!leaf || !skip_prefix(line, " 0x")) return parsed;
    const auto subleaf = parse_hex(take_until(line, ':'));
    if (!subleaf || *subleaf > 0xffff'ffff) return parsed;
    std::array<std::uint32_t, 4> regs{};
    constexpr std::array<std::string_view, 4> kNames{"eax=0x", "ebx=0x", "ecx=0x", "edx=0x"};
    for (std::size_t i = 0; i < regs.size(); ++i) {
        skip_any(line, " \t");
        const auto value = skip_prefix(line, kNames[i]) ? take_register(line) : std::nullopt;
        if (!value) return damaged();
        regs[i] = *value;
    }
    parsed.kind = ParsedLine::Kind::record;
    parsed.record = {*leaf, static_cast<std::uint32_t>(*subleaf), {regs[0], regs[1], regs[2], regs[3]}};
    return parsed;
}

// libcpuid's arrays: the index is the leaf's offset, or the sub-leaf of one leaf.
struct LibcpuidArray {
    std::string_view prefix;
    std::uint32_t leaf;
    bool index_is_leaf;
};
constexpr LibcpuidArray kLibcpuidArrays[] = {
    {"basic_cpuid[", 0x0, true},
    {"ext_cpuid[", 0x8000'0000, true},
    {"intel_fn4[", 0x4, false},
    {"intel_fn11[", 0xb, false},
    {"intel_fn12h[", 0x12, false},
    {"intel_fn14h[", 0x14, false},
    {"amd_fn8000001dh[", 0x8000'001d, false},
    {"amd_fn80000026h[", 0x8000'0026, false},
};

ParsedLine parse_libcpuid(const LibcpuidArray& array, std::string_view line) {
    const auto index = take_decimal(line);
    if (!index || *index > 0xffff || !skip_prefix(line, "]=")) return damaged();
    std::array<std::uint32_t, 4> regs{};
    for (std::uint32_t& reg : regs) {
        const auto value = take_register(line);
        if (!value) return damaged();
        reg = *value;
        skip_any(line, " \t");
    }
    const auto number = static_cast<std::uint32_t>(*index);
    ParsedLine parsed;
    parsed.kind = ParsedLine::Kind::record;
    parsed.is_libcpuid = true;
    parsed.record.leaf = array.leaf + (array.index_is_leaf ? number : 0);
    parsed.record.subleaf = array.index_is_leaf ? 0 : number;
    parsed.record.regs = {regs[0], regs[1], regs[2], regs[3]};
    return parsed;
}

ParsedLine parse_line(std::string_view line) {
    if (skip_prefix(line, "CPUID")) return parse_aida(line);
    if (skip_prefix(line, "0x")) return parse_cpuid_r(line);
    for (const LibcpuidArray& array : kLibcpuidArrays) {
        if (skip_prefix(line, array.prefix)) return parse_libcpuid(array, line);
    }
    return {};
}

// Collects the records CPU by CPU.
class DumpBuilder {
  public:
    void start_cpu(const Header& header) {
        begin(static_cast<int>(header.cpu));
        has_headers_ = true;
        counts_from_one_ = header.is_older_style && header.cpu > 0 && (cpus_.size() == 1 || counts_from_one_);
    }

    void add(const ParsedLine& parsed) {
        CpuidRecord record = parsed.record;
        const bool is_first_leaf = record.leaf == 0 && record.subleaf == 0;
        if (cpus_.empty()) begin(0);
        // Dumps without headers: each CPU begins with leaf 0.
        if (is_first_leaf && has_leaf0_ && !has_headers_) begin(cpus_.back().cpu + 1);
        has_leaf0_ = has_leaf0_ || is_first_leaf;
        const std::uint32_t earlier = lines_of_leaf_[record.leaf]++;
        if (!parsed.has_subleaf) record.subleaf = earlier;
        cpus_.back().records.push_back(record);
        ++records_;
        is_libcpuid_ = is_libcpuid_ || parsed.is_libcpuid;
    }

    bool is_full() const {
        return cpus_.size() > CpuidReplay::kCpusMax || records_ > CpuidReplay::kRecordsMax ||
               (!cpus_.empty() && cpus_.back().cpu >= CpuidReplay::kCpusMax);
    }

    // Drops CPUs of which nothing was recorded and moves those whose number is taken to the next free one:
    // Windows counts anew in each group of 64.
    std::vector<CpuidCpuRecords> finish() {
        const auto is_empty = [](const CpuidCpuRecords& entry) { return entry.records.empty(); };
        cpus_.erase(std::remove_if(cpus_.begin(), cpus_.end(), is_empty), cpus_.end());
        std::vector<int> next_free(2 * static_cast<std::size_t>(CpuidReplay::kCpusMax) + 2);
        std::iota(next_free.begin(), next_free.end(), 0);
        for (CpuidCpuRecords& entry : cpus_) {
            auto free = static_cast<std::size_t>(entry.cpu - (counts_from_one_ ? 1 : 0));
            while (next_free[free] != static_cast<int>(free)) {
                // Halving the path keeps the search short.
                next_free[free] = next_free[static_cast<std::size_t>(next_free[free])];
                free = static_cast<std::size_t>(next_free[free]);
            }
            entry.cpu = static_cast<int>(free);
            next_free[free] = static_cast<int>(free) + 1;
            // libcpuid writes leaf 4 twice; the later one is the array with all sub-leaves.
            if (is_libcpuid_) std::reverse(entry.records.begin(), entry.records.end());
        }
        return std::move(cpus_);
    }

    std::size_t records() const { return records_; }

  private:
    void begin(int cpu) {
        cpus_.push_back({cpu, {}});
        lines_of_leaf_.clear();
        has_leaf0_ = false;
    }

    std::vector<CpuidCpuRecords> cpus_;
    std::map<std::uint32_t, std::uint32_t> lines_of_leaf_;  // of the current CPU
    std::size_t records_ = 0;
    bool has_leaf0_ = false;
    bool is_libcpuid_ = false;
    bool has_headers_ = false;
    bool counts_from_one_ = false;  // all CPUs so far had headers that count from 1
};

}  // namespace

Result<std::unique_ptr<CpuidSource>> cpuid_from_text(std::string_view text, std::string name) {
    std::string narrow;
    text = narrowed(text, narrow);
    DumpBuilder dump;
    int line_number = 0;
    while (!text.empty()) {
        const std::string_view line = trim_space(take_line(text));
        ++line_number;
        const auto where = [&] { return name + ":" + std::to_string(line_number); };
        if (const auto header = parse_header(line)) {
            if (header->cpu >= CpuidReplay::kCpusMax) {
                return fail("CPU number " + std::to_string(header->cpu) + " is too large", where(),
                            "dumps of up to 16384 CPUs are read");
            }
            dump.start_cpu(*header);
        }
        const ParsedLine parsed = parse_line(line);
        if (parsed.kind == ParsedLine::Kind::damaged) {
            return fail("not a whole CPUID record: \"" + printable(line) + "\"", where(),
                        std::string(kDamagedHint));
        }
        if (parsed.kind == ParsedLine::Kind::record) dump.add(parsed);
        if (dump.is_full()) {
            return fail("too many CPUs or CPUID records", where(),
                        "dumps of up to 16384 CPUs and 4 million records are read");
        }
    }
    if (dump.records() == 0) {
        return fail("no CPUID record found", name,
                    "give a dump as `cpuid -r`, AIDA64 or libcpuid (cpuid_tool --save) write it");
    }
    return std::make_unique<CpuidReplay>(dump.finish(), std::move(name));
}

bool looks_like_cpuid_text(std::string_view text) {
    constexpr std::size_t kLookBytes = 1 << 20;
    text = text.substr(0, kLookBytes);
    std::string narrow;
    text = narrowed(text, narrow);
    while (!text.empty()) {
        if (parse_line(trim_space(take_line(text))).kind != ParsedLine::Kind::other) return true;
    }
    return false;
}

}  // namespace torque
