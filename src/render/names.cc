#include "render/names.h"

namespace torque {
namespace {

struct ClassName {
    CoreClass core_class;
    const char* name;
    Tone tone;
};

constexpr ClassName kClassNames[] = {
    {CoreClass::performance, "P core", Tone::fast_core},
    {CoreClass::efficiency, "E core", Tone::slow_core},
    {CoreClass::low_power, "LP-E core", Tone::slow_core},
    {CoreClass::uniform, "core", Tone::fast_core},
};

const ClassName& class_name(CoreClass core_class) {
    for (const ClassName& row : kClassNames) {
        if (row.core_class == core_class) return row;
    }
    return kClassNames[3];
}

}  // namespace

std::vector<Span> type_names(const Machine& machine) {
    std::vector<Span> out;
    for (const CoreType& type : machine.types) {
        int same = 0, before = 0;
        for (std::size_t i = 0; i < machine.types.size(); ++i) {
            if (machine.types[i].core_class != type.core_class) continue;
            ++same;
            if (i < out.size()) ++before;
        }
        const ClassName& row = class_name(type.core_class);
        std::string name = row.name;
        if (same > 1) name += " " + std::to_string(before + 1);
        out.push_back({std::move(name), row.tone});
    }
    return out;
}

Span type_name(const std::vector<Span>& names, std::optional<TypeId> type) {
    const auto index = type ? static_cast<std::size_t>(type->value) : names.size();
    return index < names.size() ? names[index] : Span{"core", Tone::fast_core};
}

std::string cache_name(const Cache& cache) {
    static constexpr const char* kSuffixes[] = {"d", "i", ""};
    return "L" + std::to_string(cache.level) + kSuffixes[static_cast<std::size_t>(cache.type)];
}

std::string memory_name(MemoryKind kind) {
    static constexpr const char* kNames[] = {"", "HBM", "CXL", "GPU"};
    return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace torque
