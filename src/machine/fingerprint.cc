#include "machine/fingerprint.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace torque {
namespace {

// FNV-1a, 64 bits.
class Hash {
  public:
    void add(std::string_view text) {
        for (char c : text) mix(static_cast<unsigned char>(c));
        mix(0);
    }
    std::string hex() const {
        static constexpr char kDigits[] = "0123456789abcdef";
        std::string out;
        for (int shift = 60; shift >= 0; shift -= 4) out += kDigits[value_ >> shift & 0xf];
        return out;
    }

  private:
    void mix(unsigned char byte) { value_ = (value_ ^ byte) * 0x100000001b3u; }
    std::uint64_t value_ = 0xcbf29ce484222325u;
};

void add_sets(const char* what, std::vector<const CpuSet*> sets, Hash& hash) {
    const auto comes_before = [](const CpuSet* a, const CpuSet* b) { return *a < *b; };
    std::sort(sets.begin(), sets.end(), comes_before);
    hash.add(what);
    for (const CpuSet* set : sets) hash.add(set->list());
}

template <class T>
std::vector<const CpuSet*> sets_of(const std::vector<T>& things) {
    std::vector<const CpuSet*> sets;
    for (const T& thing : things) sets.push_back(&thing.cpus);
    return sets;
}

}  // namespace

std::string fingerprint(const Machine& machine) {
    Hash hash;
    hash.add(machine.host.model.value_or(""));
    hash.add(machine.host.possible.list());
    add_sets("cores", sets_of(machine.cores), hash);
    add_sets("packages", sets_of(machine.packages), hash);
    add_sets("nodes", sets_of(machine.nodes), hash);
    int last_level = 0;
    for (const Cache& cache : machine.caches) last_level = std::max(last_level, cache.level);
    std::vector<const CpuSet*> llcs;
    for (const Cache& cache : machine.caches) {
        if (cache.level == last_level) llcs.push_back(&cache.cpus);
    }
    add_sets("llcs", std::move(llcs), hash);
    return hash.hex();
}

}  // namespace torque
