#include "probes/sysfs_cache.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "probes/read.h"

namespace torque {
namespace {

constexpr int kIndexesMax = 16;         // cache/index0 to index15; today's machines have at most 5
constexpr std::size_t kShapesMax = 16;  // of cores of one kind; today's machines have at most 2

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
std::optional<Cache> read_shape(IndexFiles& files, CacheFacts facts) {
    const auto level = files.number("level");
    if (!level || *level < 1 || *level > 9) return std::nullopt;
    const auto type_text = files.read("type");
    const auto type = type_text ? parse_type(*type_text) : std::nullopt;
    if (!type) return std::nullopt;
    Cache cache;
    cache.level = static_cast<int>(*level);
    cache.type = *type;
    if (facts == CacheFacts::without_geometry) return cache;
    cache.line_bytes = unless_zero<int>(files.number("coherency_line_size"));
    cache.ways = unless_zero<int>(files.number("ways_of_associativity"));
    cache.sets = unless_zero<std::uint64_t>(files.number("number_of_sets"));
    cache.partitions = unless_zero<int>(files.number("physical_line_partition"));
    return cache;
}

// A core that shares neither its L1 nor its L2 with another.
struct PrivateCaches {
    std::optional<std::uint64_t> l2_bytes;
    int threads = 0;
    std::vector<std::pair<int, Cache>> l1;  // by index
};

// What is known of the caches of one kind of CPU.
struct Kind {
    CpuSet cpus;
    std::array<std::vector<Cache>, kIndexesMax> caches;  // by index, one of each size
    int indexes = kIndexesMax;                           // how many a CPU of it has, once one was read
    std::optional<int> l2_index;
    std::vector<PrivateCaches> cores;
};

// CPUs of one kind have like caches but for the size: the dies of some processors differ in their L3.
std::optional<Cache> read_cache(IndexFiles files, int cpu, CacheFacts facts, std::vector<Cache>& known) {
    const auto size = files.size_bytes();
    const auto like = std::find_if(known.begin(), known.end(),
                                   [&](const Cache& cache) { return size && cache.size_bytes == size; });
    std::optional<Cache> cache = like != known.end() ? std::optional(*like) : read_shape(files, facts);
    if (!cache) return std::nullopt;
    cache->size_bytes = size;
    if (size && like == known.end()) known.push_back(*cache);
    cache->cpus = files.sharers(cpu);
    return cache;
}

class CacheReader {
  public:
    CacheReader(const Dir& cpus_dir, const CpuSet& online, CacheFacts facts)
        : dir_(cpus_dir), online_(online), facts_(facts) {}

    // Those caches of a CPU that were not read through a sibling. `core`: it and its thread siblings, where
    // it is the lowest of them.
    void read(int cpu, const CpuSet& core, Kind& kind);
    std::vector<Cache> take() { return std::move(caches_); }

  private:
    using ByIndex = std::vector<std::pair<int, Cache>>;

    bool is_covered(int cpu, int index) const {
        return covered_[static_cast<std::size_t>(index)].contains(cpu);
    }
    std::optional<Cache> read_one(int cpu, int index, Kind& kind) const {
        return read_cache(IndexFiles(dir_, cpu, index), cpu, facts_,
                          kind.caches[static_cast<std::size_t>(index)]);
    }
    ByIndex read_private(int cpu, const CpuSet& core, Kind& kind) const;
    void add(int cpu, int index, Cache cache);

    const Dir& dir_;
    const CpuSet& online_;
    CacheFacts facts_;
    std::vector<Cache> caches_;
    CpuSet
        covered_[kIndexesMax];  // covered_[k]: CPUs whose index k is a cache that was read through a sibling
};

void CacheReader::add(int cpu, int index, Cache cache) {
    // The lowest of the sharers was read before, and would have covered this CPU if it agreed.
    if ((cache.cpus & online_).first() != cpu) return;
    covered_[static_cast<std::size_t>(index)] |= cache.cpus;
    caches_.push_back(std::move(cache));
}

// The L2 of a core, and its L1 where a like core was read; nothing where that is not to be known from the L2.
CacheReader::ByIndex CacheReader::read_private(int cpu, const CpuSet& core, Kind& kind) const {
    if (!kind.l2_index || is_covered(cpu, *kind.l2_index)) return {};
    auto l2 = read_one(cpu, *kind.l2_index, kind);
    if (!l2) return {};
    ByIndex read;
    const auto like = std::find_if(kind.cores.begin(), kind.cores.end(), [&](const PrivateCaches& known) {
        return known.l2_bytes == l2->size_bytes && known.threads == core.count();
    });
    if (like != kind.cores.end() && l2->cpus == core) {
        read = like->l1;
        std::erase_if(read, [&](const auto& entry) { return is_covered(cpu, entry.first); });
        for (auto& [index, cache] : read) cache.cpus = core;
    }
    read.emplace_back(*kind.l2_index, std::move(*l2));
    return read;
}

// What to know of a core by, of which everything was read; absent where its caches are not all its own.
std::optional<PrivateCaches> private_caches(const std::vector<std::pair<int, Cache>>& read,
                                            const CpuSet& core) {
    PrivateCaches caches;
    caches.threads = core.count();
    for (const auto& [index, cache] : read) {
        if (cache.level > 2) continue;
        if (cache.cpus != core) return std::nullopt;
        if (cache.level == 2) caches.l2_bytes = cache.size_bytes;
        if (cache.level == 1) caches.l1.emplace_back(index, cache);
    }
    return caches.l2_bytes ? std::optional(std::move(caches)) : std::nullopt;
}

void CacheReader::read(int cpu, const CpuSet& core, Kind& kind) {
    ByIndex read = read_private(cpu, core, kind);
    const bool is_known = read.size() > 1;
    for (int k = 0; k < kind.indexes; ++k) {
        const auto same = [k](const auto& entry) { return entry.first == k; };
        if (is_covered(cpu, k) || std::any_of(read.begin(), read.end(), same)) continue;
        auto cache = read_one(cpu, k, kind);
        if (!cache) {
            kind.indexes = k;
            break;
        }
        if (cache->level == 2) kind.l2_index = k;
        read.emplace_back(k, std::move(*cache));
    }
    if (!is_known && kind.cores.size() < kShapesMax) {
        if (auto caches = private_caches(read, core)) kind.cores.push_back(std::move(*caches));
    }
    for (auto& [index, cache] : read) add(cpu, index, std::move(cache));
}

}  // namespace

std::vector<Cache> read_sysfs_caches(const Dir& root, const CpuSet& online, const std::vector<CpuSet>& like,
                                     const std::vector<SysfsGroup>& cores, CacheFacts facts) {
    const auto cpus_dir = root.open("sys/devices/system/cpu");
    if (cpus_dir == nullptr) return {};
    CacheReader reader(*cpus_dir, online, facts);
    std::vector<Kind> kinds;
    for (const CpuSet& cpus : like) kinds.push_back({cpus, {}, kIndexesMax, {}, {}});
    auto core = cores.begin();
    for (int cpu : online) {
        const auto kind =
            std::find_if(kinds.begin(), kinds.end(), [&](const Kind& k) { return k.cpus.contains(cpu); });
        Kind of_itself;
        while (core != cores.end() && core->cpus.first() < cpu) ++core;
        const bool is_lowest = core != cores.end() && core->cpus.first() == cpu;
        reader.read(cpu, is_lowest ? core->cpus : CpuSet{}, kind != kinds.end() ? *kind : of_itself);
    }
    return reader.take();
}

}  // namespace torque
