#include "tune/kernel_effect.h"

#include <algorithm>
#include <array>
#include <climits>

#include "base/parse.h"
#include "plan/kernel_list.h"
#include "tune/boot_words.h"
#include "tune/parameters.h"

namespace torque::tune {
namespace {

// The kinds of work that housekeeping CPUs do for others (enum hk_type, include/linux/sched/isolation.h).
// `noise` stands for WQ, TIMER, RCU, MISC and KTHREAD, which only nohz_full= sets, and all together.
enum Kind : unsigned { kTick, kDomain, kManagedIrq, kNoise, kKinds };
constexpr unsigned kTickFlag = 1U << kTick, kDomainFlag = 1U << kDomain, kManagedIrqFlag = 1U << kManagedIrq,
                   kNoiseFlag = 1U << kNoise;

struct FlagName {
    std::string_view text;
    unsigned flag;
};
// From here on the two are one kind (HK_TYPE_KERNEL_NOISE), and the flag "nohz" does what nohz_full= does.
constexpr KernelRelease kNoiseIsOne{6, 14};
constexpr FlagName kFlagNames[] = {
    {"nohz,", kTickFlag}, {"domain,", kDomainFlag}, {"managed_irq,", kManagedIrqFlag}};

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The region of a list that the kernel stumbles over.
std::string faulty_part(std::string_view list, const planning::KernelListReading& reading) {
    std::string_view rest = list.substr(reading.fault_at);
    return std::string(take_until(rest, ','));
}

// One boot: the words are given to it in the order of the line.
class Boot {
  public:
    Boot(const KernelTarget& target, KernelEffect& effect) : target_(target), effect_(effect) {
        effect_.possible = target.possible & CpuSet::range(0, KernelTarget::kCpusMax - 1);
        if (effect_.possible.empty()) effect_.possible.add(target.boot_cpu);
    }

    // Parameters that the kernel reads before all others (early_param()).
    void read_early(const BootWord& word);
    void read(const BootWord& word, std::size_t index);
    void finish();

  private:
    // A word that a later one of its name replaces.
    struct Last {
        std::size_t index = 0;
        std::string text;
    };

    int cpus_max() const { return effect_.possible.last() + 1; }
    void note(Event event, std::string detail = {}) {
        effect_.incidents.push_back({event, index_, std::move(detail)});
    }
    void refuse(const BootWord& word, Event event, std::string detail = {}) {
        note(event, std::move(detail));
        effect_.for_init.push_back(plain_text(word));
    }

    // The word takes the place of an earlier one, which is an incident if it says something else.
    void replace(std::optional<Last>& last, const BootWord& word) {
        if (last && last->text != plain_text(word))
            effect_.incidents.push_back({Event::replaced, last->index});
        last = Last{index_, plain_text(word)};
    }
    void read_isolcpus(const BootWord& word);
    void read_housekeeping(const BootWord& word, std::string_view list, unsigned flags);
    void read_irqaffinity(const BootWord& word);
    void read_rcu_nocbs(const BootWord& word, std::string_view rest);
    void read_unbound_cpus(const BootWord& word);

    const KernelTarget& target_;
    KernelEffect& effect_;
    std::size_t index_ = 0;
    unsigned flags_ = 0;                       // kinds whose housekeeping was restricted
    std::array<CpuSet, kKinds> housekeeping_;  // valid where flags_ has the kind
    CpuSet tick_;                              // nohz_full as given
    std::optional<std::size_t> tick_word_;
    std::optional<CpuSet> irq_, rcu_, unbound_;
    std::optional<Last> irq_word_, rcu_word_, unbound_word_;
};

void Boot::read_early(const BootWord& word) {
    const std::string name = canonical_name(word.name);
    if (name == "nosmp") effect_.cpus_started_max = 0;
    if (!word.value) return;
    // get_option() reads the digits and leaves the rest.
    const std::string_view value = *word.value;
    const auto number = parse_unsigned(value.substr(0, value.find_first_not_of("0123456789")), INT_MAX);
    if (!number) return;
    const int count = static_cast<int>(std::min<std::uint64_t>(*number, KernelTarget::kCpusMax));
    if (name == "maxcpus") effect_.cpus_started_max = count;
    if (name == "nr_cpus" && count > 0) effect_.possible &= CpuSet::range(0, count - 1);
    if (name == "possible_cpus" && count > 0) effect_.possible = CpuSet::range(0, count - 1);
    effect_.possible.add(target_.boot_cpu);
}

void Boot::read(const BootWord& word, std::size_t index) {
    index_ = index;
    const std::string name = canonical_name(word.name);
    // Of its names with a dot the kernel takes the unknown ones for those of modules, and hands none to init
    // (init/main.c, unknown_bootoption()).
    if (target_.release && is_too_new(name, *target_.release)) return;
    if (name == "isolcpus" || name == "nohz_full" || name == "irqaffinity" ||
        name == "workqueue.unbound_cpus") {
        // The kernel looks for "isolcpus=", with the sign.
        if (!word.value) return refuse(word, Event::no_value);
        if (name == "isolcpus") return read_isolcpus(word);
        if (name == "nohz_full") return read_housekeeping(word, *word.value, kTickFlag | kNoiseFlag);
        if (name == "irqaffinity") return read_irqaffinity(word);
        return read_unbound_cpus(word);
    }
    // These two are found by their beginning alone (init/main.c, obsolete_checksetup()).
    if (name.starts_with("rcu_nocbs")) return read_rcu_nocbs(word, plain_text(word).substr(9));
    if (name.starts_with("rcu_nocb_poll")) {
        if (target_.config.rcu_nocb_cpu == false)
            return refuse(word, Event::not_built_in, "CONFIG_RCU_NOCB_CPU");
        if (word.value) note(Event::value_without_effect);
        effect_.rcu_nocb_poll = true;
    }
}

// housekeeping_isolcpus_setup()
void Boot::read_isolcpus(const BootWord& word) {
    if (target_.config.cpu_isolation == false)
        return refuse(word, Event::not_built_in, "CONFIG_CPU_ISOLATION");
    std::string_view rest = *word.value;
    unsigned flags = 0;
    while (!rest.empty() && is_letter(rest.front())) {
        const auto* known =
            std::find_if(std::begin(kFlagNames), std::end(kFlagNames),
                         [rest](const FlagName& name) { return rest.starts_with(name.text); });
        if (known != std::end(kFlagNames)) {
            rest.remove_prefix(known->text.size());
            flags |= known->flag;
            continue;
        }
        const std::string_view flag = take_until(rest, ',');
        const bool legal =
            std::all_of(flag.begin(), flag.end(), [](char c) { return is_letter(c) || c == '_'; });
        if (!legal) return refuse(word, Event::invalid_flag, std::string(flag));
        note(Event::unknown_flag, std::string(flag));
    }
    const bool is_one = target_.release && *target_.release >= kNoiseIsOne;
    if (is_one && (flags & kTickFlag) != 0) flags |= kNoiseFlag;
    const std::size_t before = effect_.for_init.size();
    read_housekeeping(word, rest, flags == 0 ? kDomainFlag : flags);
    const bool taken = effect_.for_init.size() == before;
    if (taken && flags != 0 && (flags & kDomainFlag) == 0) note(Event::no_domain);
}

// housekeeping_setup()
void Boot::read_housekeeping(const BootWord& word, std::string_view list, unsigned flags) {
    if (target_.config.cpu_isolation == false)
        return refuse(word, Event::not_built_in, "CONFIG_CPU_ISOLATION");
    const bool new_tick = (flags & kTickFlag) != 0 && (flags_ & kTickFlag) == 0;
    if (new_tick && target_.config.no_hz_full == false) {
        return refuse(word, Event::not_built_in, "CONFIG_NO_HZ_FULL");
    }
    planning::KernelListReading reading = planning::read_kernel_list(list, cpus_max());
    if (reading.fault) return refuse(word, Event::bad_list, faulty_part(list, reading));

    CpuSet keepers = effect_.possible - reading.cpus;
    const int first = (keepers & target_.present).first();
    bool boot_cpu_kept = false;
    if (first < 0 || first >= effect_.cpus_started_max) {
        boot_cpu_kept = reading.cpus.contains(target_.boot_cpu);
        keepers.add(target_.boot_cpu);
        reading.cpus.remove(target_.boot_cpu);
    }
    if (reading.cpus.empty()) return refuse(word, Event::list_empty);
    for (unsigned kind = 0; kind < kKinds; ++kind) {
        const bool twice = (flags & flags_ & (1U << kind)) != 0;
        if (twice && housekeeping_[kind] != keepers) return refuse(word, Event::lists_differ);
    }
    for (unsigned kind = 0; kind < kKinds; ++kind) {
        if ((flags & (1U << kind)) != 0) housekeeping_[kind] = keepers;
    }
    if (new_tick) {
        tick_ = reading.cpus;
        tick_word_ = index_;
    }
    if (boot_cpu_kept) note(Event::boot_cpu_kept);
    flags_ |= flags;
}

// irq_affinity_setup()
void Boot::read_irqaffinity(const BootWord& word) {
    replace(irq_word_, word);
    const planning::KernelListReading reading = planning::read_kernel_list(*word.value, cpus_max());
    if (reading.fault) note(Event::affinity_cut, faulty_part(*word.value, reading));
    irq_ = reading.cpus;
    irq_->add(target_.boot_cpu);
}

// rcu_nocb_setup(); `rest` is what follows "rcu_nocbs".
void Boot::read_rcu_nocbs(const BootWord& word, std::string_view rest) {
    if (target_.config.rcu_nocb_cpu == false) return refuse(word, Event::not_built_in, "CONFIG_RCU_NOCB_CPU");
    replace(rcu_word_, word);
    rcu_ = CpuSet{};
    if (!rest.starts_with('=')) return;
    const std::string_view list = rest.substr(1);
    const planning::KernelListReading reading = planning::read_kernel_list(list, cpus_max());
    if (reading.fault) note(Event::all_offloaded, faulty_part(list, reading));
    rcu_ = reading.fault ? effect_.possible : reading.cpus & effect_.possible;
}

// workqueue_unbound_cpus_setup()
void Boot::read_unbound_cpus(const BootWord& word) {
    replace(unbound_word_, word);
    const planning::KernelListReading reading = planning::read_kernel_list(*word.value, cpus_max());
    if (reading.fault) note(Event::default_mask, faulty_part(*word.value, reading));
    unbound_ = reading.fault ? CpuSet{} : reading.cpus;
}

// What the subsystems make of it when they start.
void Boot::finish() {
    const CpuSet& possible = effect_.possible;
    const auto spared = [&](Kind kind) {
        return (flags_ & (1U << kind)) != 0 ? possible - housekeeping_[kind] : CpuSet{};
    };
    effect_.isolated = spared(kDomain);
    effect_.managed_irq = spared(kManagedIrq);
    effect_.init_cpus = possible - effect_.isolated;

    // tick_nohz_init(): the boot CPU keeps the time. What else nohz_full= sets still counts it in.
    effect_.nohz_full = tick_;
    if (tick_.contains(target_.boot_cpu)) {
        effect_.nohz_full.remove(target_.boot_cpu);
        effect_.incidents.push_back({Event::boot_cpu_cleared, *tick_word_});
    }
    // kthreadd starts while the boot CPU is alone, and stays there if that is none of its CPUs.
    effect_.kernel_threads = possible - spared(kNoise);
    if (!effect_.kernel_threads.contains(target_.boot_cpu)) effect_.kernel_threads = CpuSet{target_.boot_cpu};

    // rcu_init_nohz()
    effect_.rcu_nocbs = (rcu_.value_or(CpuSet{}) | effect_.nohz_full) & possible;
    if (target_.config.rcu_nocb_cpu == false) effect_.rcu_nocbs = {};
    // init_irq_default_affinity()
    effect_.irq_affinity = irq_.value_or(CpuSet::range(0, cpus_max() - 1));
    // workqueue_init_early(): a restriction that would leave nothing is skipped.
    effect_.unbound_workqueues = possible;
    for (const CpuSet& only : {possible - spared(kNoise), effect_.init_cpus, unbound_.value_or(CpuSet{})}) {
        if (only.intersects(effect_.unbound_workqueues)) effect_.unbound_workqueues &= only;
    }
    // Another isolcpus= may have said "domain".
    if ((flags_ & kDomainFlag) != 0) {
        std::erase_if(effect_.incidents, [](const Incident& i) { return i.event == Event::no_domain; });
    }
    std::stable_sort(effect_.incidents.begin(), effect_.incidents.end(),
                     [](const Incident& a, const Incident& b) { return a.word < b.word; });
}

}  // namespace

std::optional<KernelRelease> parse_release(std::string_view text) {
    const auto major = parse_unsigned(take_until(text, '.'), 1000);
    const auto minor = parse_unsigned(text.substr(0, text.find_first_not_of("0123456789")), 100000);
    if (!major || !minor) return std::nullopt;
    return KernelRelease{static_cast<int>(*major), static_cast<int>(*minor)};
}

KernelConfig parse_config(std::string_view text) {
    KernelConfig config{false, false, false};
    while (!text.empty()) {
        const std::string_view line = trim_space(take_line(text));
        if (line == "CONFIG_CPU_ISOLATION=y") config.cpu_isolation = true;
        if (line == "CONFIG_NO_HZ_FULL=y") config.no_hz_full = true;
        if (line == "CONFIG_RCU_NOCB_CPU=y") config.rcu_nocb_cpu = true;
    }
    return config;
}

KernelEffect simulate(std::string_view line, const KernelTarget& target) {
    KernelEffect effect;
    line = line.substr(0, line.find('\0'));
    effect.is_cut = line.size() > kLineMax;
    const std::vector<BootWord> words = boot_words(line.substr(0, kLineMax));
    Boot boot(target, effect);
    for (const BootWord& word : words) {
        if (!word.for_init) boot.read_early(word);
    }
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (!words[i].for_init) boot.read(words[i], i);
    }
    boot.finish();
    return effect;
}

}  // namespace torque::tune
