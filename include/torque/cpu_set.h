// CpuSet: a set of logical CPU numbers of any size, with the kernel's list and mask texts.
#pragma once

#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "torque/ids.h"
#include "torque/result.h"

namespace torque {

// Grows as needed, so that machines with more CPUs than a cpu_set_t holds (1,024) are no special case.
// Equality and order are those of the set, not of its storage.
class CpuSet {
  public:
    // Highest CPU number that any text may name; keeps a hostile list from asking for gigabytes.
    // Linux' largest configuration (MAXSMP) is 8,192.
    static constexpr int kMaxCpu = (1 << 20) - 1;

    CpuSet() = default;
    CpuSet(std::initializer_list<int> cpus);
    static CpuSet range(int first, int last);  // both included; empty when last < first

    // Parses the list form of sysfs and cpusets: "0-3,8", "" and "(null)" (which nohz_full prints) are empty.
    // Errors: anything else, a reversed range, a number above kMaxCpu.
    static Result<CpuSet> parse_list(std::string_view text);
    // Parses the mask form: hexadecimal, groups of 32 bits parted by commas, most significant first.
    static Result<CpuSet> parse_mask(std::string_view text);

    std::string list() const;  // "0-3,8"; "" when empty
    std::string mask() const;  // "00000001,0000000f": as many 32-bit groups as the highest CPU needs

    bool empty() const { return words_.empty(); }
    int count() const;
    int first() const;  // -1 when empty
    int last() const;   // -1 when empty
    bool contains(int cpu) const;
    bool contains(CpuId cpu) const { return contains(cpu.value); }
    bool contains(const CpuSet& other) const;
    bool intersects(const CpuSet& other) const;

    void add(int cpu);
    void add(CpuId cpu) { add(cpu.value); }
    void remove(int cpu);

    CpuSet& operator|=(const CpuSet& other);
    CpuSet& operator&=(const CpuSet& other);
    CpuSet& operator-=(const CpuSet& other);
    friend CpuSet operator|(CpuSet a, const CpuSet& b) { return a |= b; }
    friend CpuSet operator&(CpuSet a, const CpuSet& b) { return a &= b; }
    friend CpuSet operator-(CpuSet a, const CpuSet& b) { return a -= b; }

    bool operator==(const CpuSet&) const = default;
    std::strong_ordering operator<=>(
        const CpuSet& other) const;  // by first differing CPU: {0,1} < {0,2} < {1}

    // Ascending iteration over CPU numbers: for (int cpu : set).
    class Iterator {
      public:
        using value_type = int;
        using difference_type = std::ptrdiff_t;
        Iterator() = default;
        int operator*() const { return cpu_; }
        Iterator& operator++() {
            cpu_ = set_->next(cpu_ + 1);
            return *this;
        }
        Iterator operator++(int) {
            Iterator before = *this;
            ++*this;
            return before;
        }
        bool operator==(const Iterator& other) const { return cpu_ == other.cpu_; }

      private:
        friend class CpuSet;
        Iterator(const CpuSet* set, int cpu) : set_(set), cpu_(cpu) {}
        const CpuSet* set_ = nullptr;
        int cpu_ = -1;
    };
    Iterator begin() const { return {this, next(0)}; }
    Iterator end() const { return {this, -1}; }

  private:
    int next(int from) const;  // lowest member >= from, or -1
    void trim();               // drops leading zero words, so that equality is memberwise

    std::vector<std::uint64_t> words_;  // words_[0] holds CPUs 0-63; the last word is never zero
};

}  // namespace torque
