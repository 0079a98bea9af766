#include "tune/mend.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/parse.h"
#include "plan/kernel_list.h"
#include "tune/boot_words.h"
#include "tune/hugepages.h"
#include "tune/parameters.h"

namespace torque::tune {
namespace {

using planning::read_kernel_list;

constexpr std::string_view kFlags[] = {"nohz", "domain", "managed_irq"};

// A word on its way to the mended line.
struct Draft {
    std::string raw;   // as it stood
    std::string name;  // canonical
    std::optional<std::string> value;
    bool for_init = false;
    bool changed = false;
    bool dropped = false;

    void drop() { dropped = true; }
    void set_value(std::optional<std::string> to) {
        if (value == to) return;
        value = std::move(to);
        changed = true;
    }
};

// isolcpus= taken apart.
struct Isolcpus {
    std::vector<std::string> flags;
    std::string list;

    bool has(std::string_view flag) const {
        return std::find(flags.begin(), flags.end(), flag) != flags.end();
    }
    // Without flags it stands for domain.
    bool is_domain() const { return flags.empty() || has("domain"); }
    std::string text() const {
        std::string out;
        for (const std::string& flag : flags) out += flag + ',';
        return out + list;
    }
};

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Flags end at a comma, or at what was written in its place. Unknown ones are left out.
Isolcpus take_apart(std::string_view value) {
    Isolcpus out;
    while (!value.empty() && is_letter(value.front())) {
        const std::size_t end = std::min(value.find_first_of(",:;="), value.size());
        const std::string word(value.substr(0, end));
        if (word == "all" || word.front() == 'N') break;
        const auto meant = did_you_mean(word, kFlags);
        if (meant && !out.has(*meant)) out.flags.push_back(*meant);
        value.remove_prefix(std::min(end + 1, value.size()));
    }
    out.list = value;
    return out;
}

bool looks_like_list(const Draft& word) {
    return !word.value && !word.name.empty() && (word.name.front() >= '0' && word.name.front() <= '9') &&
           word.name.find_first_not_of("0123456789,_:/N") == std::string::npos;
}

// The words of one line, and the passes over them.
class Mender {
  public:
    Mender(std::string_view line, const KernelTarget& target);

    void bring_before_dashes();
    void mend_names();
    void join_torn_lists();
    void mend_lists();
    void merge_lists();
    void keep_boot_core();
    void mend_values();
    void mend_hugepages();
    void add_irqaffinity();
    std::string text() const;

  private:
    std::vector<Draft*> all(std::string_view name);
    int cpus_max() const { return possible_.last() + 1; }
    CpuSet read(std::string_view list) const { return read_kernel_list(list, cpus_max()).cpus; }
    // The list as it is, where the kernel would take it, or the nearest that it takes.
    std::string mended_list(const std::string& list) const;
    void keep_last(std::string_view name);
    void merge_isolcpus();
    void merge_nohz_full();
    CpuSet boot_core() const;

    const KernelTarget& target_;
    CpuSet possible_;
    std::vector<Draft> words_;
};

Mender::Mender(std::string_view line, const KernelTarget& target)
    : target_(target), possible_(simulate(line, target).possible) {
    for (const BootWord& word : boot_words(line)) {
        std::string raw(line.substr(word.offset, word.length));
        if (std::count(raw.begin(), raw.end(), '"') % 2 != 0) raw += '"';
        words_.push_back({std::move(raw), canonical_name(word.name), word.value, word.for_init});
    }
}

std::vector<Draft*> Mender::all(std::string_view name) {
    std::vector<Draft*> out;
    for (Draft& word : words_) {
        if (!word.dropped && !word.for_init && word.name == name) out.push_back(&word);
    }
    return out;
}

void Mender::bring_before_dashes() {
    for (Draft& word : words_) {
        if (word.for_init && is_isolation(word.name)) word.for_init = false;
    }
    std::stable_partition(words_.begin(), words_.end(), [](const Draft& word) { return !word.for_init; });
}

void Mender::mend_names() {
    for (Draft& word : words_) {
        if (word.for_init) continue;
        const bool is_absent = target_.release && is_too_new(word.name, *target_.release);
        if (foreign_parameter(word.name) || is_absent) word.drop();
        if (const auto found = found_by_beginning(word.name)) {
            word.name = *found;
            word.changed = true;
        }
        if (const auto meant = misspelt_parameter(word.name)) {
            word.name = *meant;
            word.changed = true;
        }
    }
}

void Mender::join_torn_lists() {
    for (std::size_t i = 0; i + 1 < words_.size(); ++i) {
        Draft& word = words_[i];
        const Parameter* parameter = find_parameter(word.name);
        if (word.for_init || parameter == nullptr || parameter->kind != ValueKind::cpus || !word.value)
            continue;
        for (std::size_t next = i + 1; next < words_.size() && looks_like_list(words_[next]); ++next) {
            const std::string list = words_[next].raw;
            const bool needs_comma =
                !word.value->empty() && !word.value->ends_with(',') && !list.starts_with(',');
            word.set_value(*word.value + (needs_comma ? "," : "") + list);
            words_[next].drop();
        }
    }
}

std::string Mender::mended_list(const std::string& list) const {
    const bool starts_with_word = !list.empty() && is_letter(list.front());
    if (!starts_with_word && !read_kernel_list(list, cpus_max()).fault) return list;
    return guess_list(list, cpus_max()).list();
}

void Mender::mend_lists() {
    for (Draft& word : words_) {
        const Parameter* parameter = find_parameter(word.name);
        if (word.dropped || word.for_init || parameter == nullptr || parameter->kind != ValueKind::cpus)
            continue;
        if (!word.value) {
            if (word.name != "rcu_nocbs") word.drop();  // alone it is right
            continue;
        }
        std::string list;
        if (word.name == "isolcpus") {
            Isolcpus isolcpus = take_apart(*word.value);
            list = isolcpus.list = mended_list(isolcpus.list);
            word.set_value(isolcpus.text());
        } else {
            const bool readable = !read_kernel_list(*word.value, cpus_max()).fault;
            list = readable ? *word.value : mended_list(*word.value);
            word.set_value(list);
        }
        if (read(list).empty()) word.drop();
    }
}

void Mender::keep_last(std::string_view name) {
    std::vector<Draft*> words = all(name);
    for (std::size_t i = 0; i + 1 < words.size(); ++i) words[i]->drop();
}

void Mender::merge_isolcpus() {
    const std::vector<Draft*> words = all("isolcpus");
    bool clash = false;
    CpuSet cpus;
    Isolcpus merged;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const Isolcpus one = take_apart(*words[i]->value);
        for (std::size_t k = 0; k < i; ++k) {
            const Isolcpus other = take_apart(*words[k]->value);
            bool shared = one.is_domain() && other.is_domain();
            for (const std::string& flag : one.flags) shared = shared || other.has(flag);
            clash = clash || shared;
        }
        cpus |= read(one.list);
        for (const std::string& flag : one.flags) {
            if (!merged.has(flag)) merged.flags.push_back(flag);
        }
        if (one.flags.empty() && words.size() > 1 && !merged.has("domain")) merged.flags.push_back("domain");
    }
    if (!clash) return;
    merged.list = cpus.list();
    words.front()->set_value(merged.text());
    for (std::size_t i = 1; i < words.size(); ++i) words[i]->drop();
}

void Mender::merge_nohz_full() {
    const std::vector<Draft*> words = all("nohz_full");
    if (words.empty()) return;
    CpuSet cpus;
    for (const Draft* word : words) cpus |= read(*word->value);
    if (cpus != read(*words.front()->value)) words.front()->set_value(cpus.list());
    for (std::size_t i = 1; i < words.size(); ++i) words[i]->drop();
    // nohz_full= does more than the flag.
    for (Draft* word : all("isolcpus")) {
        Isolcpus isolcpus = take_apart(*word->value);
        if (!isolcpus.has("nohz") || read(isolcpus.list) == cpus) continue;
        isolcpus.flags.erase(std::find(isolcpus.flags.begin(), isolcpus.flags.end(), "nohz"));
        if (isolcpus.flags.empty()) {
            word->drop();
        } else {
            word->set_value(isolcpus.text());
        }
    }
}

void Mender::merge_lists() {
    for (std::string_view name : {"irqaffinity", "rcu_nocbs", "workqueue.unbound_cpus"}) keep_last(name);
    merge_isolcpus();
    merge_nohz_full();
}

CpuSet Mender::boot_core() const {
    for (const CpuSet& core : target_.cores) {
        if (core.contains(target_.boot_cpu)) return core;
    }
    return {target_.boot_cpu};
}

void Mender::keep_boot_core() {
    for (std::string_view name : {"isolcpus", "nohz_full"}) {
        for (Draft* word : all(name)) {
            Isolcpus parts{{}, *word->value};
            if (name == "isolcpus") parts = take_apart(*word->value);
            CpuSet cpus = read(parts.list);
            if (!cpus.contains(target_.boot_cpu)) continue;
            cpus -= boot_core();
            parts.list = cpus.list();
            word->set_value(parts.text());
            if (cpus.empty()) word->drop();
        }
    }
}

void Mender::mend_values() {
    for (Draft& word : words_) {
        const Parameter* parameter = find_parameter(word.name);
        if (word.dropped || word.for_init || parameter == nullptr || !word.value) continue;
        if (parameter->kind == ValueKind::bare) {
            if (*word.value == "0" || *word.value == "n" || *word.value == "off") word.drop();
            word.set_value(std::nullopt);
            continue;
        }
        // Several words of a value may be wrong; each is replaced once.
        for (auto wrong = wrong_value(*parameter, *word.value); wrong;
             wrong = wrong_value(*parameter, *word.value)) {
            if (!wrong->meant) {
                word.drop();
                break;
            }
            std::string value = *word.value;
            value.replace(value.find(wrong->word), wrong->word.size(), *wrong->meant);
            word.set_value(std::move(value));
        }
    }
}

void Mender::mend_hugepages() {
    HugepagesReader reader;
    for (Draft& word : words_) {
        if (word.dropped || word.for_init || !word.value) continue;
        if (reader.take(word.name, *word.value)) word.drop();
    }
}

void Mender::add_irqaffinity() {
    const CpuSet isolated = simulate(text(), target_).isolated;
    if (isolated.empty()) return;
    const std::vector<Draft*> words = all("irqaffinity");
    if (words.empty()) {
        Draft word{"", "irqaffinity", (possible_ - isolated).list()};
        word.changed = true;
        const auto end =
            std::find_if(words_.begin(), words_.end(), [](const Draft& w) { return w.for_init; });
        words_.insert(end, std::move(word));
        return;
    }
    CpuSet cpus = read(*words.back()->value);
    if (!cpus.intersects(isolated)) return;
    cpus -= isolated;
    if (cpus.empty()) cpus = possible_ - isolated;
    words.back()->set_value(cpus.list());
}

std::string Mender::text() const {
    std::string out;
    bool for_init = false;
    for (const Draft& word : words_) {
        if (word.dropped) continue;
        if (!out.empty()) out += ' ';
        if (word.for_init && !for_init) out += "-- ";
        for_init = word.for_init;
        if (!word.changed) {
            out += word.raw;
            continue;
        }
        out += word.name;
        if (!word.value) continue;
        const bool needs_quotes = word.value->find_first_of(" \t") != std::string::npos;
        out += needs_quotes ? "=\"" + *word.value + '"' : '=' + *word.value;
    }
    return out;
}

// "4-11:1/2" into "4-11" and ":1/2".
std::string_view take_stride_off(std::string_view& region) {
    const std::size_t colon = std::min(region.find(':'), region.size());
    const std::string_view stride = region.substr(colon);
    region = region.substr(0, colon);
    return stride;
}

}  // namespace

CpuSet guess_list(std::string_view text, int cpus_max) {
    CpuSet out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(",; \t"), text.size());
        std::string_view region = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto reading = read_kernel_list(region, cpus_max);
        if (!reading.fault) {
            out |= reading.cpus;
            continue;
        }
        const std::string_view stride = take_stride_off(region);
        std::string_view rest = region;
        const auto first = parse_unsigned(take_until(rest, '-'), INT32_MAX);
        const auto last = region.find('-') == region.npos ? first : parse_unsigned(rest, INT32_MAX);
        if (!first || !last) continue;
        const std::uint64_t low = std::min(*first, *last);
        const std::uint64_t high =
            std::min(std::max(*first, *last), static_cast<std::uint64_t>(cpus_max) - 1);
        if (low > high) continue;
        const std::string range = std::to_string(low) + '-' + std::to_string(high);
        const auto strided = read_kernel_list(range + std::string(stride), cpus_max);
        out |= strided.fault ? read_kernel_list(range, cpus_max).cpus : strided.cpus;
    }
    return out;
}

std::string mend(std::string_view line, const KernelTarget& target) {
    Mender mender(line, target);
    mender.bring_before_dashes();
    mender.mend_names();
    mender.join_torn_lists();
    mender.mend_lists();
    mender.merge_lists();
    mender.keep_boot_core();
    mender.mend_values();
    mender.mend_hugepages();
    mender.add_irqaffinity();
    return mender.text();
}

}  // namespace torque::tune
