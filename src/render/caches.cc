#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "render/compact.h"
#include "render/names.h"
#include "render/sections.h"

namespace torque {
namespace {

template <class T>
Line number(const std::optional<T>& value, const Glyphs& glyph) {
    return value ? text(std::to_string(*value)) : text(std::string(glyph.none), Tone::faint);
}

// Says whose a cache is: "core", "4 E cores", "thread".
class Sharing {
  public:
    explicit Sharing(const Machine& machine) : machine_(machine), names_(type_names(machine)) {
        for (std::size_t i = 0; i < machine.cores.size(); ++i) {
            for (int cpu : machine.cores[i].cpus) core_of_.emplace(cpu, i);
        }
        seen_.resize(machine.cores.size(), -1);
    }

    std::string text(const CpuSet& cpus) {
        ++turn_;
        int cores = 0, loose = 0;
        std::map<std::optional<TypeId>, int> by_type;
        std::size_t some = 0;
        for (int cpu : cpus) {
            const auto found = core_of_.find(cpu);
            if (found == core_of_.end()) {
                ++loose;
                continue;
            }
            some = found->second;
            if (seen_[some] == turn_) continue;
            seen_[some] = turn_;
            ++cores;
            ++by_type[machine_.cores[some].type];
        }
        if (loose > 0) return cpus.count() == 1 ? "CPU" : count_text(cpus.count(), "CPU");
        if (cores == 1 && cpus.count() < machine_.cores[some].cpus.count()) return "thread";
        std::string out;
        for (const auto& [type, count] : by_type) {
            const std::string name = type_name(names_, type).text;
            out += (out.empty() ? "" : " + ") + (cores == 1 ? name : count_text(count, name.c_str()));
        }
        return out;
    }

  private:
    const Machine& machine_;
    std::vector<Span> names_;
    std::map<int, std::size_t> core_of_;
    std::vector<int> seen_;  // by core: the last turn that met it
    int turn_ = 0;
};

struct CacheGroup {
    const Cache* like = nullptr;
    std::string per;
    std::uint64_t count = 0;
};

bool same_cache(const Cache& a, const Cache& b) {
    const auto facts = [](const Cache& c) {
        return std::tie(c.level, c.type, c.size_bytes, c.line_bytes, c.ways, c.sets, c.partitions,
                        c.inclusive);
    };
    return facts(a) == facts(b);
}

Line ways_text(const Cache& cache, const Glyphs& glyph) {
    if (cache.ways && *cache.ways > 0 && cache.line_bytes && cache.size_bytes &&
        cache.sets == std::uint64_t{1}) {
        return text("full");
    }
    return number(cache.ways, glyph);
}

}  // namespace

void put_caches(Page& page, const Machine& machine) {
    Sharing sharing(machine);
    std::vector<CacheGroup> groups;
    for (const Cache& cache : machine.caches) {
        const std::string per = sharing.text(cache.cpus);
        const auto same = [&](const CacheGroup& group) {
            return same_cache(*group.like, cache) && group.per == per;
        };
        auto found = std::find_if(groups.begin(), groups.end(), same);
        if (found == groups.end()) found = groups.insert(groups.end(), {&cache, per, 0});
        ++found->count;
    }
    if (groups.empty()) return;
    const bool says_inclusive = std::any_of(machine.caches.begin(), machine.caches.end(),
                                            [](const Cache& cache) { return cache.inclusive.has_value(); });
    std::vector<std::vector<Line>> rows;
    for (const CacheGroup& group : groups) {
        const Cache& cache = *group.like;
        std::string inclusive;
        if (says_inclusive && cache.level > 1) {
            inclusive = cache.inclusive ? *cache.inclusive ? "yes" : "no" : std::string(page.glyph.none);
        }
        rows.push_back({text(cache_name(cache), Tone::cache),
                        cache.size_bytes ? text(size_text(*cache.size_bytes), Tone::strong)
                                         : text(std::string(page.glyph.none), Tone::faint),
                        text(group.per), ways_text(cache, page.glyph), number(cache.sets, page.glyph),
                        number(cache.line_bytes, page.glyph),
                        text(cache.partitions.value_or(1) > 1 ? std::to_string(*cache.partitions) : ""),
                        text(std::move(inclusive)), text(std::to_string(group.count)),
                        text(cache.size_bytes ? size_text(*cache.size_bytes * group.count) : "")});
    }
    page.section("Caches");
    put_table(page,
              {{""},
               {"size", true},
               {"per", false, true},
               {"ways", true},
               {"sets", true},
               {"line", true},
               {"partitions", true, false, true},
               {"inclusive", false, false, true},
               {"count", true},
               {"total", true, false, true}},
              rows);
}

void put_tlbs(Page& page, const Machine& machine) {
    static constexpr const char* kTypes[] = {"data", "instruction", "unified", "load", "store"};
    struct Group {
        const Tlb* like = nullptr;
        std::vector<Span> cores;
    };
    const std::vector<Span> names = type_names(machine);
    std::map<int, std::optional<TypeId>> type_of;
    for (const Cpu& cpu : machine.cpus) type_of.emplace(cpu.id.value, cpu.type);

    std::vector<Group> groups;
    for (const Tlb& tlb : machine.tlbs) {
        const auto facts = [](const Tlb& t) {
            return std::tie(t.level, t.type, t.page_sizes, t.entries, t.ways, t.fully_associative);
        };
        const auto same = [&](const Group& group) { return facts(*group.like) == facts(tlb); };
        auto found = std::find_if(groups.begin(), groups.end(), same);
        if (found == groups.end()) found = groups.insert(groups.end(), {&tlb, {}});
        const auto type = type_of.find(tlb.cpus.first());
        Span name = type_name(names, type == type_of.end() ? std::nullopt : type->second);
        const auto is_named = [&](const Span& span) { return span.text == name.text; };
        if (std::none_of(found->cores.begin(), found->cores.end(), is_named)) found->cores.push_back(name);
    }
    if (groups.empty()) return;
    std::stable_sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
        return std::tie(a.cores[0].text, a.like->level) > std::tie(b.cores[0].text, b.like->level) &&
               a.cores[0].text != b.cores[0].text;
    });
    std::vector<std::vector<Line>> rows;
    for (const Group& group : groups) {
        const Tlb& tlb = *group.like;
        std::string pages;
        for (const std::string& size : tlb.page_sizes) pages += (pages.empty() ? "" : " ") + clean(size);
        Line ways = tlb.fully_associative ? text("full") : number(tlb.ways, page.glyph);
        rows.push_back({text("L" + std::to_string(tlb.level), Tone::cache),
                        text(kTypes[static_cast<std::size_t>(tlb.type)]), text(std::move(pages)),
                        number(tlb.entries, page.glyph), std::move(ways),
                        machine.types.size() > 1 ? joined(group.cores, page.glyph) : Line{}});
    }
    page.section("TLBs");
    put_table(page, {{""}, {""}, {"pages"}, {"entries", true}, {"ways", true}, {"per", false, true}}, rows);
}

}  // namespace torque
