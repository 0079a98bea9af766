#include "render/fold.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "render/compact.h"

namespace torque {
namespace {

std::string share_text(const CpuSet& part, const CpuSet& whole, const char* state) {
    if (part.empty()) return {};
    const int count = (part & whole).count();
    if (count == 0) return {};
    if (count == whole.count()) return state;
    return std::to_string(count) + " of " + std::to_string(whole.count()) + " " + state;
}

void describe_states(const CpuSet& cpus, const CpuStates& states, std::vector<Span>& out) {
    out.push_back({share_text(states.isolated, cpus, "isolated"), Tone::notice});
    out.push_back({share_text(states.nohz_full, cpus, "nohz_full"), Tone::notice});
    out.push_back({share_text(states.not_allowed, cpus, "not allowed"), Tone::problem});
}

// Of a core, the caches below L2 are left to the table of caches.
void describe_caches(const Thing& thing, std::vector<Span>& out) {
    for (const Cache* cache : thing.caches) {
        const bool is_small = cache->level < 2 && (thing.core != nullptr || thing.is_cpu);
        if (is_small) continue;
        std::string text = cache_name(*cache);
        if (cache->size_bytes) text += " " + size_text(*cache->size_bytes);
        out.push_back({std::move(text), Tone::cache});
    }
}

class Folder {
  public:
    Folder(const Nesting& nesting, const Machine& machine, const CpuStates* states) : nesting_(nesting) {
        const std::vector<Span> types = type_names(machine);
        shapes_ = shapes(nesting, [&](const Thing& thing) {
            std::string key;
            for (const Span& span : describe(thing, types, states)) key += span.text + '\n';
            return key;
        });
    }

    std::vector<Fold> below(const std::vector<int>& parents) const {
        struct Group {
            int shape = 0;
            std::vector<std::vector<int>> by_parent;
        };
        std::vector<Group> groups;
        std::map<int, std::size_t> group_of;
        for (std::size_t p = 0; p < parents.size(); ++p) {
            for (int child : thing(parents[p]).children) {
                const auto [found, is_new] = group_of.emplace(shape(child), groups.size());
                if (is_new) groups.push_back({shape(child), std::vector<std::vector<int>>(parents.size())});
                groups[found->second].by_parent[p].push_back(child);
            }
        }
        std::vector<Fold> out;
        for (const Group& group : groups) {
            Fold fold;
            std::vector<int> all;
            for (const auto& children : group.by_parent) {
                fold.by_parent.emplace_back();
                for (int child : children) {
                    fold.by_parent.back().push_back(&thing(child));
                    all.push_back(child);
                }
            }
            fold.children = below(all);
            out.push_back(std::move(fold));
        }
        return out;
    }

  private:
    const Thing& thing(int index) const { return nesting_.things[static_cast<std::size_t>(index)]; }
    int shape(int index) const { return shapes_[static_cast<std::size_t>(index)]; }

    const Nesting& nesting_;
    std::vector<int> shapes_;
};

}  // namespace

CpuStates cpu_states(const Machine& machine) {
    CpuStates out;
    for (const Cpu& cpu : machine.cpus) {
        if (!cpu.online) continue;
        if (cpu.isolated || machine.host.isolated.contains(cpu.id)) out.isolated.add(cpu.id);
        if (cpu.nohz_full || machine.host.nohz_full.contains(cpu.id)) out.nohz_full.add(cpu.id);
        if (!cpu.allowed) out.not_allowed.add(cpu.id);
    }
    return out;
}

std::vector<Span> describe(const Thing& thing, const std::vector<Span>& types, const CpuStates* states) {
    std::vector<Span> out;
    if (!thing.packages.empty()) out.push_back({"package", Tone::place});
    if (!thing.dies.empty() && thing.packages.empty()) out.push_back({"die", Tone::place});
    if (!thing.nodes.empty()) {
        out.push_back({"node", Tone::place});
        const Node& node = *thing.nodes.front();
        if (node.memory_bytes == std::uint64_t{0}) out.push_back({"no memory", Tone::notice});
        if (node.memory_kind) out.push_back({memory_name(*node.memory_kind), Tone::notice});
    }
    if (thing.clusters > 0 && thing.packages.empty() && thing.dies.empty()) {
        out.push_back({"cluster", Tone::place});
    }
    if (thing.core != nullptr) {
        out.push_back(type_name(types, thing.core->type));
        if (thing.size > 1) out.back().text += ", " + count_text(thing.size, "thread");
    } else if (thing.is_cpu) {
        out.push_back({"CPU", Tone::fast_core});
    }
    describe_caches(thing, out);
    if (states != nullptr && (thing.core != nullptr || thing.is_cpu))
        describe_states(thing.cpus, *states, out);
    return out;
}

std::vector<int> shapes(const Nesting& nesting, const std::function<std::string(const Thing&)>& say) {
    std::vector<int> out(nesting.things.size());
    std::map<std::string, int> known;
    // Children come after their parents in `things`, but for leaves, which have none.
    for (std::size_t i = nesting.things.size(); i-- > 0;) {
        std::string key = say(nesting.things[i]);
        std::map<int, int> parts;
        for (int child : nesting.things[i].children) ++parts[out[static_cast<std::size_t>(child)]];
        for (const auto& [part, count] : parts) {
            key += std::to_string(count) + "x" + std::to_string(part) + ' ';
        }
        out[i] = known.emplace(std::move(key), static_cast<int>(known.size())).first->second;
    }
    return out;
}

std::vector<Fold> fold(const Nesting& nesting, const Machine& machine, const CpuStates* states) {
    return Folder(nesting, machine, states).below({0});
}

int rows(const std::vector<Fold>& folds) {
    int sum = 0;
    for (const Fold& fold : folds) sum += 1 + rows(fold.children);
    return sum;
}

}  // namespace torque
