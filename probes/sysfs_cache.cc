#include "probes/sysfs_cache.h"

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

// One index directory; absent when there is none, or when it does not say what it is.
std::optional<Cache> read_cache(const Dir& cpu_dir, int index, int cpu) {
    std::string path = "cache/index" + std::to_string(index) + "/";
    const std::size_t base = path.size();
    const auto file = [&](const char* name) -> const std::string& {
        path.resize(base);
        return path += name;
    };
    const auto level = read_int(cpu_dir, file("level"));
    if (!level || *level < 1 || *level > 9) return std::nullopt;
    const auto type_text = cpu_dir.read(file("type"));
    const auto type = type_text ? parse_type(*type_text) : std::nullopt;
    if (!type) return std::nullopt;
    Cache cache;
    cache.level = *level;
    cache.type = *type;
    auto cpus = read_cpu_mask(cpu_dir, file("shared_cpu_map"));
    if (!cpus) cpus = read_cpu_list(cpu_dir, file("shared_cpu_list"));
    if (cpus) cache.cpus = std::move(*cpus);
    cache.cpus.add(cpu);
    if (const auto size = cpu_dir.read(file("size"))) cache.size_bytes = parse_size(*size);
    if (cache.size_bytes == 0) cache.size_bytes.reset();
    cache.line_bytes = unless_zero<int>(read_unsigned(cpu_dir, file("coherency_line_size")));
    cache.ways = unless_zero<int>(read_unsigned(cpu_dir, file("ways_of_associativity")));
    cache.sets = unless_zero<std::uint64_t>(read_unsigned(cpu_dir, file("number_of_sets")));
    cache.partitions = unless_zero<int>(read_unsigned(cpu_dir, file("physical_line_partition")));
    return cache;
}

}  // namespace

std::vector<Cache> read_sysfs_caches(const Dir& root, const CpuSet& online) {
    std::vector<Cache> caches;
    const auto cpus_dir = root.open("sys/devices/system/cpu");
    if (cpus_dir == nullptr) return caches;
    CpuSet covered[kIndexesMax];  // covered[k]: CPUs whose index k is a cache that was read through a sibling
    for (int cpu : online) {
        std::unique_ptr<Dir> dir;
        for (int k = 0; k < kIndexesMax; ++k) {
            if (covered[k].contains(cpu)) continue;
            if (dir == nullptr) dir = cpus_dir->open("cpu" + std::to_string(cpu));
            auto cache = dir != nullptr ? read_cache(*dir, k, cpu) : std::nullopt;
            if (!cache) break;
            // The lowest of the sharers was read before, and would have covered this CPU if it agreed.
            if ((cache->cpus & online).first() != cpu) continue;
            covered[k] |= cache->cpus;
            caches.push_back(std::move(*cache));
        }
    }
    return caches;
}

}  // namespace torque
