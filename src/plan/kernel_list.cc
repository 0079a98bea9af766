#include "plan/kernel_list.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/parse.h"

namespace torque::planning {
namespace {

struct Region {
    int first = 0;
    int last = 0;
    int used = 1;  // of every `group` CPUs, counted from `first`, so many are members
    int group = 1;
};

// The kernel's isspace(), which knows the no-break space of Latin 1.
bool is_separator(char c) {
    return c == ',' || c == ' ' || (c >= '\t' && c <= '\r') || c == '\xa0';
}

// Reads regions off the front of a text, as the kernel does: a stride's last number needs nothing behind it.
class RegionReader {
  public:
    RegionReader(std::string_view text, int cpus_max)
        : text_(text.substr(0, text.find('\n'))), last_cpu_(static_cast<std::uint64_t>(cpus_max) - 1) {}

    bool skip_to_region() {
        while (at_ < text_.size() && is_separator(text_[at_])) ++at_;
        return at_ < text_.size();
    }
    std::size_t at() const { return at_; }

    std::optional<ListFault> take(Region& region) {
        std::uint64_t first = 0, last = last_cpu_, used = 1, group = 1;
        if (take_all()) {
            if (!ends_region() && !take_stride(used, group)) return ListFault::syntax;
        } else {
            if (!take_number(first)) return ListFault::syntax;
            last = first;
            if (!ends_region()) {
                if (!take_char('-') || !take_number(last)) return ListFault::syntax;
                if (!ends_region() && !take_stride(used, group)) return ListFault::syntax;
            }
        }
        if (first > last) return ListFault::reversed;
        if (group == 0 || used > group) return ListFault::stride;
        if (last > last_cpu_) return ListFault::out_of_range;
        // A group that is larger than the region has the region's CPUs only.
        const std::uint64_t length = last - first + 1;
        region = {static_cast<int>(first), static_cast<int>(last), static_cast<int>(std::min(used, length)),
                  static_cast<int>(std::min(group, length))};
        return std::nullopt;
    }

  private:
    bool ends_region() const { return at_ == text_.size() || is_separator(text_[at_]); }

    bool take_char(char c) {
        if (at_ == text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    bool take_all() {
        if (text_.size() - at_ < 3) return false;
        for (std::size_t i = 0; i < 3; ++i) {
            if ((text_[at_ + i] | 0x20) != "all"[i]) return false;
        }
        at_ += 3;
        return true;
    }

    // The kernel's numbers are 32 bits wide.
    bool take_number(std::uint64_t& number) {
        if (take_char('N')) {
            number = last_cpu_;
            return true;
        }
        const std::size_t end = std::min(text_.find_first_not_of("0123456789", at_), text_.size());
        const auto value = parse_unsigned(text_.substr(at_, end - at_), UINT32_MAX);
        at_ = end;
        if (value) number = *value;
        return value.has_value();
    }

    bool take_stride(std::uint64_t& used, std::uint64_t& group) {
        return take_char(':') && take_number(used) && take_char('/') && take_number(group);
    }

    std::string_view text_;
    std::uint64_t last_cpu_;
    std::size_t at_ = 0;
};

std::string_view name_of(ListFault fault) {
    switch (fault) {
        case ListFault::reversed:
            return "its range is reversed";
        case ListFault::out_of_range:
            return "this machine has no such CPU";
        case ListFault::stride:
            return "its stride uses more CPUs than a group has";
        case ListFault::syntax:
            break;
    }
    return "it is no region";
}

// The set's runs of neighbouring CPUs, ascending.
std::vector<Region> runs_of(const CpuSet& cpus) {
    std::vector<Region> runs;
    for (int cpu : cpus) {
        if (!runs.empty() && runs.back().last + 1 == cpu) {
            runs.back().last = cpu;
        } else {
            runs.push_back({cpu, cpu});
        }
    }
    return runs;
}

std::string plain_text(const Region& run) {
    const std::string first = std::to_string(run.first);
    return run.first == run.last ? first : first + '-' + std::to_string(run.last);
}

// How many runs from `from` on have the length of the first and the distance of the first two.
std::size_t like_runs(const std::vector<Region>& runs, std::size_t from) {
    if (from + 1 >= runs.size()) return 1;
    const int length = runs[from].last - runs[from].first;
    const int distance = runs[from + 1].first - runs[from].first;
    std::size_t end = from + 1;
    while (end < runs.size() && runs[end].last - runs[end].first == length &&
           runs[end].first - runs[end - 1].first == distance) {
        ++end;
    }
    return end - from;
}

}  // namespace

KernelListReading read_kernel_list(std::string_view text, int cpus_max) {
    KernelListReading out;
    RegionReader reader(text, std::clamp(cpus_max, 1, CpuSet::kMaxCpu + 1));
    while (reader.skip_to_region()) {
        out.fault_at = reader.at();
        Region region;
        out.fault = reader.take(region);
        if (out.fault) return out;
        if (region.used == region.group) {
            out.cpus |= CpuSet::range(region.first, region.last);
            continue;
        }
        for (int cpu = region.first; cpu <= region.last; ++cpu) {
            if ((cpu - region.first) % region.group < region.used) out.cpus.add(cpu);
        }
    }
    return out;
}

Result<CpuSet> parse_kernel_list(std::string_view text, int cpus_max) {
    KernelListReading reading = read_kernel_list(text, cpus_max);
    if (!reading.fault) return std::move(reading.cpus);
    std::string_view rest = text.substr(reading.fault_at);
    return fail("the kernel would refuse the CPU list \"" + printable(text) + "\"",
                "at \"" + printable(take_until(rest, ',')) + "\": " + std::string(name_of(*reading.fault)),
                "regions look like 4, 4-11 or 4-11:1/2 and name CPUs below " +
                    std::to_string(std::clamp(cpus_max, 1, CpuSet::kMaxCpu + 1)));
}

std::string kernel_list(const CpuSet& cpus) {
    const std::vector<Region> runs = runs_of(cpus);
    std::string out;
    for (std::size_t i = 0; i < runs.size();) {
        const std::size_t count = like_runs(runs, i);
        std::string plain = plain_text(runs[i]);
        std::size_t used = 1;
        if (count > 1) {
            for (std::size_t k = 1; k < count; ++k) plain += ',' + plain_text(runs[i + k]);
            const int group = runs[i + 1].first - runs[i].first;
            const int members = runs[i].last - runs[i].first + 1;
            std::string strided = plain_text({runs[i].first, runs[i + count - 1].last}) + ':' +
                                  std::to_string(members) + '/' + std::to_string(group);
            if (strided.size() < plain.size()) {
                plain = std::move(strided);
                used = count;
            } else {
                plain = plain_text(runs[i]);
            }
        }
        if (!out.empty()) out += ',';
        out += plain;
        i += used;
    }
    return out;
}

}  // namespace torque::planning
