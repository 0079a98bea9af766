#include "measure/contention.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include "base/cpu_groups.h"
#include "measure/suspects.h"

namespace torque::measure {
namespace {

constexpr double kSharedBelow = 0.8;
constexpr auto kShareMin = std::chrono::milliseconds(10), kShareMax = std::chrono::milliseconds(100);
constexpr int kRoundsBetweenLooks = 16;

using Pairs = std::vector<std::pair<int, int>>;

CpuSet set_of(const std::pair<int, int>& pair) {
    return {pair.first, pair.second};
}

// Works, and remembers the best time of each CPU: that is what it can do.
class Best {
  public:
    Best(const WorkTogether& work, std::chrono::nanoseconds share) : work_(work), share_(share) {}

    Result<std::vector<Summary>> run(const CpuSet& cpus) {
        auto times = work_(cpus, share_);
        if (!times) return times;
        std::size_t row = 0;
        for (const int cpu : cpus) {
            const double ns = (*times)[row++].median;
            const auto known = best_.emplace(cpu, ns).first;
            if (ns > 0) known->second = std::min(known->second, ns);
        }
        return times;
    }
    double ns(int cpu) const { return best_.at(cpu); }

  private:
    const WorkTogether& work_;
    std::chrono::nanoseconds share_;
    std::map<int, double> best_;
};

PairSpeed speed_of(const std::pair<int, int>& pair, const std::vector<Summary>& times, const Best& best) {
    PairSpeed speed{pair.first, pair.second};
    const int cpus[] = {pair.first, pair.second};
    for (std::size_t side = 0; side < 2; ++side) {
        const Summary& ns = times[side];
        const double own = ns.median > 0 ? best.ns(cpus[side]) / ns.median : 0;
        speed.speed += own / 2;
        if (ns.median > 0) speed.spread += own * ns.spread / ns.median / 2;
        speed.samples += ns.samples;
    }
    judge(speed);
    return speed;
}

// Each CPU of the pairs alone, then the pairs, one by one.
Result<void> try_pairs(const Pairs& pairs, std::chrono::nanoseconds share, const WorkTogether& work,
                       const ContentionProgress& progress, Contention& found) {
    CpuSet cpus;
    for (const auto& pair : pairs) cpus |= set_of(pair);
    const double steps = static_cast<double>(pairs.size()) + cpus.count();
    double done = 0;
    Best best(work, share);
    for (const int cpu : cpus) {
        const auto times = best.run(CpuSet{cpu});
        if (!times) return tl::unexpected<Error>(times.error());
        found.alone.push_back({cpu, (*times)[0]});
        progress(++done / steps);
    }
    std::vector<std::vector<Summary>> together;
    for (const auto& pair : pairs) {
        auto times = best.run(set_of(pair));
        if (!times) return tl::unexpected<Error>(times.error());
        together.push_back(std::move(*times));
        progress(++done / steps);
    }
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        found.pairs.push_back(speed_of(pairs[i], together[i], best));
    }
    return {};
}

Pairs every_pair(const CpuSet& cpus) {
    Pairs pairs;
    for (const int a : cpus) {
        for (const int b : cpus) {
            if (a < b) pairs.emplace_back(a, b);
        }
    }
    return pairs;
}

CpuSet quarter_of(const CpuSet& cpus, std::mt19937& lot) {
    CpuSet drawn;
    while (drawn.count() < 2) {
        for (const int cpu : cpus) {
            if (lot() % 4 == 0) drawn.add(cpu);
        }
    }
    return drawn;
}

struct Round {
    CpuSet cpus;
    std::vector<Summary> times;
};

Suspects suspects_after(const CpuSet& cpus, const std::vector<Round>& rounds, const Best& best) {
    Suspects suspects(cpus);
    for (const Round& round : rounds) {
        CpuSet undisturbed;
        std::size_t row = 0;
        for (const int cpu : round.cpus) {
            if (best.ns(cpu) > kSharedBelow * round.times[row++].median) undisturbed.add(cpu);
        }
        suspects.acquit(round.cpus, undisturbed);
    }
    return suspects;
}

// Pairs that no set has shown to be apart. Every round says something new until it does not.
Result<Pairs> left_over(const CpuSet& cpus, int rounds_max, const WorkTogether& work,
                        const ContentionProgress& progress) {
    std::mt19937 lot(1);  // the same sets each time
    Best best(work, kShareMin);
    std::vector<Round> rounds;
    Pairs pairs = every_pair(cpus);
    while (static_cast<int>(rounds.size()) < rounds_max) {
        for (int i = 0; i < kRoundsBetweenLooks && static_cast<int>(rounds.size()) < rounds_max; ++i) {
            const CpuSet drawn = quarter_of(cpus, lot);
            auto times = best.run(drawn);
            if (!times) return tl::unexpected<Error>(times.error());
            rounds.push_back({drawn, std::move(*times)});
            progress(static_cast<double>(rounds.size()) / rounds_max);
        }
        Pairs fewer = suspects_after(cpus, rounds, best).pairs();
        const bool is_settled =
            fewer.size() == pairs.size() && fewer.size() <= 4 * static_cast<std::size_t>(cpus.count());
        pairs = std::move(fewer);
        if (is_settled) break;
    }
    return pairs;
}

}  // namespace

void judge(PairSpeed& pair) {
    const double distance = std::abs(pair.speed - kSharedBelow);
    pair.sharing = pair.speed < kSharedBelow ? Sharing::shared : Sharing::apart;
    if (distance < pair.spread || pair.samples == 0) {
        pair.sharing = Sharing::unsure;
        pair.certainty = Certainty::none;
    } else {
        pair.certainty = distance < 3 * pair.spread ? Certainty::likely : Certainty::sure;
    }
}

std::vector<CpuSet> Contention::cores() const {
    std::vector<std::pair<int, int>> shared;
    for (const PairSpeed& pair : pairs) {
        if (pair.sharing == Sharing::shared) shared.emplace_back(pair.a, pair.b);
    }
    return connected(shared);
}

Result<Contention> measure_contention(const CpuSet& cpus, const Pairs& declared,
                                      std::chrono::nanoseconds budget, const WorkTogether& work,
                                      const ContentionProgress& progress) {
    Contention found;
    Pairs pairs = every_pair(cpus);
    const auto steps = [&] { return static_cast<std::int64_t>(pairs.size()) + cpus.count(); };
    if (budget / steps() < kShareMin) {
        found.is_every_pair = false;
        const auto rounds = static_cast<int>(budget / 2 / kShareMin);
        auto left = left_over(cpus, std::max(rounds, kRoundsBetweenLooks), work,
                              [&](double share) { progress(share / 2); });
        if (!left) return tl::unexpected<Error>(left.error());
        // What is declared first: it is what there is to confirm.
        pairs = declared;
        for (const auto& pair : *left) {
            if (std::find(declared.begin(), declared.end(), pair) == declared.end()) pairs.push_back(pair);
        }
        const auto room = std::max<std::int64_t>(budget / 2 / kShareMin - cpus.count(), cpus.count());
        if (static_cast<std::int64_t>(pairs.size()) > room) {
            found.untried = static_cast<int>(static_cast<std::int64_t>(pairs.size()) - room);
            pairs.resize(static_cast<std::size_t>(room));
        }
        std::sort(pairs.begin(), pairs.end());
        budget /= 2;
    }
    const auto share = std::clamp<std::chrono::nanoseconds>(budget / std::max<std::int64_t>(steps(), 1),
                                                            kShareMin, kShareMax);
    const double before = found.is_every_pair ? 0 : 0.5;
    const auto tried = try_pairs(
        pairs, share, work, [&](double done) { progress(before + (1 - before) * done); }, found);
    if (!tried) return tl::unexpected<Error>(tried.error());
    return found;
}

}  // namespace torque::measure
