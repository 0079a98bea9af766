#include "probes/sysfs_cache.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "probes/read.h"

namespace torque {
namespace {

constexpr int kIndexesMax = 16;  // cache/index0 to index15; today's machines have at most 5

// "32K", "1M" or plain bytes.
std::optional<std::uint64_t> parse_size(std::string_view text) {
    static constexpr std::pair<char, int> kUnits[] = {{'K', 10}, {'M', 20}, {'G', 30}};
    text = trim_space(text);
    int shift = 0;
    for (const auto& unit : kUnits) {
        if (text.ends_with(unit.first)) {
            shift = unit.second;
            text.remove_suffix(1);
        }
    }
    const auto value = parse_unsigned(text, std::uint64_t{1} << 33);
    return value ? std::optional(*value << shift) : std::nullopt;
}

std::optional<CacheType> parse_type(std::string_view text) {
    text = trim_space(text);
    if (text == "Data") return CacheType::data;
    if (text == "Instruction") return CacheType::instruction;
    if (text == "Unified") return CacheType::unified;
    return std::nullopt;
}

template <class T>
std::optional<T> unless_zero(std::optional<std::uint64_t> value) {
    if (!value || *value == 0 || *value > INT32_MAX) return std::nullopt;  // zero means "unknown"
    return static_cast<T>(*value);
}

// The files of one index directory, below sys/devices/system/cpu.
class IndexFiles {
  public:
    IndexFiles(const Dir& cpus_dir, int cpu, int index)
        : dir_(cpus_dir),
          paths_("cpu" + std::to_string(cpu) + "/cache/index" + std::to_string(index) + "/") {}

    std::optional<std::string> read(const char* name) { return dir_.read(paths_.path(name)); }

    std::optional<std::uint64_t> number(const char* name) {
        const auto text = read(name);
        return text ? parse_unsigned(trim_space(*text)) : std::nullopt;
    }

    CpuSet sharers(int cpu) {
        auto cpus = CpuSet::parse_mask(read("shared_cpu_map").value_or(""));
        if (!cpus || cpus->empty()) cpus = CpuSet::parse_list(read("shared_cpu_list").value_or(""));
        CpuSet sharers = cpus ? std::move(*cpus) : CpuSet{};
        sharers.add(cpu);
        return sharers;
    }

    std::optional<std::uint64_t> size_bytes() {
        const auto text = read("size");
        const auto size = text ? parse_size(*text) : std::nullopt;
        return size == 0 ? std::nullopt : size;
    }

  private:
    const Dir& dir_;
    PathsBelow paths_;
};

// Everything but the sharers and the size; absent when there is no such index, or it does not say what it is.
std::optional<Cache> read_geometry(IndexFiles& files) {
    const auto level = files.number("level");
    if (!level || *level < 1 || *level > 9) return std::nullopt;
    const auto type_text = files.read("type");
    const auto type = type_text ? parse_type(*type_text) : std::nullopt;
    if (!type) return std::nullopt;
    Cache cache;
    cache.level = static_cast<int>(*level);
    cache.type = *type;
    cache.line_bytes = unless_zero<int>(files.number("coherency_line_size"));
    cache.ways = unless_zero<int>(files.number("ways_of_associativity"));
    cache.sets = unless_zero<std::uint64_t>(files.number("number_of_sets"));
    cache.partitions = unless_zero<int>(files.number("physical_line_partition"));
    return cache;
}

// What is known of the caches of one kind of CPU.
struct Known {
    std::array<std::vector<Cache>, kIndexesMax> caches;  // by index, one of each size
    int indexes = kIndexesMax;                           // how many a CPU of it has, once one was read
};

// CPUs of one kind have like caches but for the size: the dies of some processors differ in their L3.
std::optional<Cache> read_cache(IndexFiles files, int cpu, std::vector<Cache>& known) {
    const auto size = files.size_bytes();
    const auto like = std::find_if(known.begin(), known.end(),
                                   [&](const Cache& cache) { return size && cache.size_bytes == size; });
    std::optional<Cache> cache = like != known.end() ? std::optional(*like) : read_geometry(files);
    if (!cache) return std::nullopt;
    cache->size_bytes = size;
    if (size && like == known.end()) known.push_back(*cache);
    cache->cpus = files.sharers(cpu);
    return cache;
}

}  // namespace

std::vector<Cache> read_sysfs_caches(const Dir& root, const CpuSet& online, const std::vector<CpuSet>& like) {
    std::vector<Cache> caches;
    const auto cpus_dir = root.open("sys/devices/system/cpu");
    if (cpus_dir == nullptr) return caches;
    CpuSet covered[kIndexesMax];  // covered[k]: CPUs whose index k is a cache that was read through a sibling
    std::vector<Known> known_of(like.size());
    for (int cpu : online) {
        const auto kind =
            std::find_if(like.begin(), like.end(), [&](const CpuSet& cpus) { return cpus.contains(cpu); });
        Known of_itself;
        Known& known =
            kind != like.end() ? known_of[static_cast<std::size_t>(kind - like.begin())] : of_itself;
        for (int k = 0; k < known.indexes; ++k) {
            if (covered[k].contains(cpu)) continue;
            auto cache =
                read_cache(IndexFiles(*cpus_dir, cpu, k), cpu, known.caches[static_cast<std::size_t>(k)]);
            if (!cache) {
                known.indexes = k;
                break;
            }
            // The lowest of the sharers was read before, and would have covered this CPU if it agreed.
            if ((cache->cpus & online).first() != cpu) continue;
            covered[k] |= cache->cpus;
            caches.push_back(std::move(*cache));
        }
    }
    return caches;
}

}  // namespace torque
