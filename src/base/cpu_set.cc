#include "torque/cpu_set.h"

#include <algorithm>

#include "base/parse.h"

namespace torque {
namespace {

constexpr int kBits = 64;

std::size_t word_of(int cpu) {
    return static_cast<std::size_t>(cpu) / kBits;
}
std::uint64_t bit_of(int cpu) {
    return std::uint64_t{1} << (static_cast<unsigned>(cpu) % kBits);
}

}  // namespace

CpuSet::CpuSet(std::initializer_list<int> cpus) {
    for (int cpu : cpus) add(cpu);
}

CpuSet CpuSet::range(int first, int last) {
    CpuSet out;
    first = std::max(first, 0);
    last = std::min(last, kMaxCpu);
    if (last < first) return out;
    out.words_.resize(word_of(last) + 1);
    std::fill(out.words_.begin() + static_cast<std::ptrdiff_t>(word_of(first)), out.words_.end(),
              ~std::uint64_t{0});
    out.words_[word_of(first)] &= ~(bit_of(first) - 1);
    out.words_.back() &= bit_of(last) | (bit_of(last) - 1);
    return out;
}

Result<CpuSet> CpuSet::parse_list(std::string_view text) {
    // Regions may overlap, but a text that names all CPUs over and over only wants to take time.
    constexpr std::int64_t kNamedMax = 4 * (std::int64_t{kMaxCpu} + 1);
    CpuSet out;
    text = trim_space(text);
    if (text.empty() || text == "(null)") return out;
    std::int64_t named = 0;
    for (std::string_view rest = text; !rest.empty();) {
        const std::string_view region = trim_space(take_until(rest, ','));
        const std::size_t dash = region.find('-');
        const auto first = parse_unsigned(region.substr(0, dash), kMaxCpu);
        const auto last = dash == region.npos ? first : parse_unsigned(region.substr(dash + 1), kMaxCpu);
        if (first && last) named += static_cast<std::int64_t>(*last) - static_cast<std::int64_t>(*first) + 1;
        if (!first || !last || *first > *last || text.ends_with(',') || named > kNamedMax) {
            return fail("\"" + printable(text) + "\" is not a CPU list", "at \"" + printable(region) + "\"",
                        "a CPU list looks like 0-3,8");
        }
        const auto from = static_cast<int>(*first), to = static_cast<int>(*last);
        if (to - from >= kBits) {
            out |= range(from, to);
        } else {
            for (int cpu = to; cpu >= from; --cpu) out.add(cpu);
        }
    }
    return out;
}

Result<CpuSet> CpuSet::parse_mask(std::string_view text) {
    CpuSet out;
    text = trim_space(text);
    int bit = 0;
    int digits = 0;  // of the 32-bit group being read, from its least significant
    for (auto c = text.rbegin(); c != text.rend(); ++c) {
        if (*c == ',') {
            if (digits == 0) return fail("\"" + printable(text) + "\" is not a CPU mask");
            bit += 32 - 4 * digits;
            digits = 0;
            continue;
        }
        const int value = hex_digit(*c);
        if (value < 0 || ++digits > 8 || bit + 3 > kMaxCpu) {
            return fail("\"" + printable(text) + "\" is not a CPU mask", {},
                        "a CPU mask is hexadecimal in groups of eight digits: 00000001,0000000f");
        }
        if (value != 0) {
            const std::size_t word = word_of(bit);  // a digit lies within one word
            if (word >= out.words_.size()) out.words_.resize(word + 1);
            out.words_[word] |= static_cast<std::uint64_t>(value) << (static_cast<unsigned>(bit) % kBits);
        }
        bit += 4;
    }
    if (digits == 0 && !text.empty()) return fail("\"" + printable(text) + "\" is not a CPU mask");
    return out;
}

std::string CpuSet::list() const {
    std::string out;
    for (int cpu = next(0); cpu >= 0;) {
        int last = cpu;
        while (contains(last + 1)) ++last;
        if (!out.empty()) out += ',';
        out += std::to_string(cpu);
        if (last > cpu) out += '-' + std::to_string(last);
        cpu = next(last + 1);
    }
    return out;
}

std::string CpuSet::mask() const {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    const int groups = empty() ? 1 : last() / 32 + 1;
    for (int group = groups - 1; group >= 0; --group) {
        for (int nibble = 7; nibble >= 0; --nibble) {
            const int cpu = group * 32 + nibble * 4;
            const std::size_t word = word_of(cpu);
            const std::uint64_t bits = word < words_.size() ? words_[word] >> (cpu % kBits) : 0;
            out += kDigits[bits & 0xf];
        }
        if (group > 0) out += ',';
    }
    return out;
}

int CpuSet::count() const {
    int total = 0;
    for (std::uint64_t word : words_) total += std::popcount(word);
    return total;
}

int CpuSet::first() const {
    return next(0);
}

int CpuSet::last() const {
    if (words_.empty()) return -1;
    return static_cast<int>(words_.size()) * kBits - 1 - std::countl_zero(words_.back());
}

bool CpuSet::contains(int cpu) const {
    return cpu >= 0 && word_of(cpu) < words_.size() && (words_[word_of(cpu)] & bit_of(cpu)) != 0;
}

bool CpuSet::contains(const CpuSet& other) const {
    if (other.words_.size() > words_.size()) return false;
    for (std::size_t i = 0; i < other.words_.size(); ++i) {
        if ((other.words_[i] & ~words_[i]) != 0) return false;
    }
    return true;
}

bool CpuSet::intersects(const CpuSet& other) const {
    const std::size_t common = std::min(words_.size(), other.words_.size());
    for (std::size_t i = 0; i < common; ++i) {
        if ((words_[i] & other.words_[i]) != 0) return true;
    }
    return false;
}

void CpuSet::add(int cpu) {
    if (cpu < 0 || cpu > kMaxCpu) return;
    if (word_of(cpu) >= words_.size()) words_.resize(word_of(cpu) + 1);
    words_[word_of(cpu)] |= bit_of(cpu);
}

void CpuSet::remove(int cpu) {
    if (!contains(cpu)) return;
    words_[word_of(cpu)] &= ~bit_of(cpu);
    trim();
}

CpuSet& CpuSet::operator|=(const CpuSet& other) {
    if (other.words_.size() > words_.size()) words_.resize(other.words_.size());
    for (std::size_t i = 0; i < other.words_.size(); ++i) words_[i] |= other.words_[i];
    return *this;
}

CpuSet& CpuSet::operator&=(const CpuSet& other) {
    if (words_.size() > other.words_.size()) words_.resize(other.words_.size());
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
    trim();
    return *this;
}

CpuSet& CpuSet::operator-=(const CpuSet& other) {
    const std::size_t common = std::min(words_.size(), other.words_.size());
    for (std::size_t i = 0; i < common; ++i) words_[i] &= ~other.words_[i];
    trim();
    return *this;
}

std::strong_ordering CpuSet::operator<=>(const CpuSet& other) const {
    int a = next(0);
    int b = other.next(0);
    while (a == b && a >= 0) {
        a = next(a + 1);
        b = other.next(b + 1);
    }
    return a <=> b;
}

int CpuSet::next(int from) const {
    std::size_t word = word_of(from);
    if (word >= words_.size()) return -1;
    std::uint64_t bits = words_[word] & (~std::uint64_t{0} << (static_cast<unsigned>(from) % kBits));
    while (bits == 0) {
        if (++word == words_.size()) return -1;
        bits = words_[word];
    }
    return static_cast<int>(word) * kBits + std::countr_zero(bits);
}

void CpuSet::trim() {
    while (!words_.empty() && words_.back() == 0) words_.pop_back();
}

}  // namespace torque
