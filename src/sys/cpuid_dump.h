// Replays CPUID from what other programs recorded of a machine: hwloc's puN files and text dumps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sys/cpuid_source.h"
#include "sys/dir.h"
#include "torque/result.h"

namespace torque {

struct CpuidRecord {
    std::uint32_t leaf = 0, subleaf = 0;
    CpuidRegs regs;
};

// What was recorded of one CPU, in any order. Of two answers to the same question the first is kept.
struct CpuidCpuRecords {
    int cpu = 0;
    std::vector<CpuidRecord> records;
    // A CPU without a like of its own, to which each of `records` is asked too: whatever is not among them is
    // answered as there. Most CPUs of a machine differ in a few answers.
    std::optional<int> like = std::nullopt;
    bool is_of_one_kind = false;  // with `like`: as answers_like() means it
};

class CpuidReplay final : public CpuidSource {
  public:
    // The largest dump that is read, so that a hostile one cannot ask for more than about 100 MiB. Twice the
    // CPUs that Linux can have on x86 (NR_CPUS, 8,192).
    static constexpr int kCpusMax = 16'384;
    static constexpr std::size_t kRecordsMax = 4'000'000;

    // CPU numbers must differ. The first CPU is the selected one.
    CpuidReplay(std::vector<CpuidCpuRecords> cpus, std::string name);

    std::vector<int> cpus() const override;
    bool select(int cpu) override;
    std::optional<CpuidRegs> get(std::uint32_t leaf, std::uint32_t subleaf) const override;
    bool answers_like(int cpu) const override;
    std::string name() const override { return name_; }

  private:
    const CpuidCpuRecords* find(int cpu) const;
    const CpuidRecord* answer(const CpuidCpuRecords& cpu, const CpuidRecord& asked) const;  // null: none

    std::vector<CpuidCpuRecords> cpus_;  // ascending; each CPU's records by leaf and sub-leaf
    std::size_t selected_ = 0;
    std::string name_;
};

// The CPU whose file hwloc-gather-cpuid names like this: 12 for "pu12".
std::optional<int> pu_file_cpu(std::string_view file_name);

// The files of a directory that are named so, of all its `names`; null when none holds a record. Lines that
// are no record are passed over, as are CPUs above the limits.
std::unique_ptr<CpuidSource> cpuid_from_pu_files(const Dir& dir, const std::vector<std::string>& names,
                                                 std::string name);

// A text dump: `cpuid -r`, AIDA64 and InstLatx64 reports, libcpuid's raw data; 8-bit or UTF-16.
// Errors name the dump and the line: a record that is cut short, no record at all, more than the limits.
Result<std::unique_ptr<CpuidSource>> cpuid_from_text(std::string_view text, std::string name);

// Whether the first MiB holds a CPUID record in any of those forms, be it whole or damaged.
bool looks_like_cpuid_text(std::string_view text);

}  // namespace torque
