#include "tune/lint_words.h"

#include <algorithm>

#include "base/format.h"
#include "base/parse.h"
#include "tune/hugepages.h"
#include "tune/parameters.h"

namespace torque::tune {
namespace {

using Findings = std::vector<LintFinding>;

// Single facts about a value that is legal.
struct Consequence {
    std::string_view name, value;
    LintSeverity severity;
    bool needs_nohz_full;  // says nothing where no CPU is to go without tick
    const char* id;
    const char* message;
    const char* effect;
};
constexpr Consequence kConsequences[] = {
    {"nohz", "off", LintSeverity::warning, true, "nohz-off", "the tick cannot be stopped with this",
     "keeps the tick on the nohz_full CPUs"},
    {"tsc", "unstable", LintSeverity::warning, true, "tsc-unstable", "nohz_full needs a stable TSC",
     "keeps the tick on the nohz_full CPUs"},
    {"mitigations", "off", LintSeverity::note, false, "mitigations-off",
     "the kernel's defences against CPU vulnerabilities are off", "trusts every program on this machine"},
    {"rcu_nocbs", "all", LintSeverity::note, false, "rcu-nocbs-all",
     "the callbacks of the housekeeping CPUs are offloaded too", ""},
};

LintFinding at(const BootWord& word, const LintReport& report) {
    LintFinding finding;
    finding.parameter = canonical_name(word.name);
    finding.offset = word.offset;
    finding.word = report.line.substr(word.offset, word.length);
    return finding;
}

void say(Findings& findings, LintFinding finding, const char* id, LintSeverity severity, std::string message,
         std::string effect = {}, std::string hint = {}) {
    finding.id = id;
    finding.severity = severity;
    finding.message = std::move(message);
    finding.effect = std::move(effect);
    finding.hint = std::move(hint);
    findings.push_back(std::move(finding));
}

void check_name(const BootWord& word, const LintReport& report, const KernelTarget& target,
                Findings& findings) {
    const std::string name = canonical_name(word.name);
    if (const auto from = foreign_parameter(name)) {
        say(findings, at(word, report), "not-mainline", LintSeverity::warning,
            formatted("the kernel has no such parameter; it comes from {}", *from), "hands it to init");
    }
    if (const auto found = found_by_beginning(name)) {
        say(findings, at(word, report), "name-goes-on", LintSeverity::warning,
            formatted("the kernel looks no further than {}", *found), formatted("takes it for {}", *found));
    }
    if (target.release && is_too_new(name, *target.release)) {
        say(findings, at(word, report), "too-new", LintSeverity::warning,
            formatted("kernel {}.{} does not have it", target.release->major, target.release->minor),
            "ignores it");
    }
    if (const auto meant = misspelt_parameter(name)) {
        say(findings, at(word, report), "misspelt", LintSeverity::warning,
            formatted("no parameter of this name is known; did you mean {}?", *meant), "hands it to init");
    }
}

void check_value(const BootWord& word, const LintReport& report, Findings& findings) {
    const Parameter* parameter = find_parameter(canonical_name(word.name));
    if (parameter == nullptr || !word.value) return;
    // The model of isolation has told of this one.
    if (parameter->kind == ValueKind::bare && parameter->name != "rcu_nocb_poll") {
        say(findings, at(word, report), "value-without-effect", LintSeverity::warning,
            "it takes no value, and is on whatever the value says");
    }
    if (const auto wrong = wrong_value(*parameter, *word.value)) {
        const std::string takes =
            parameter->kind == ValueKind::number ? "a number" : std::string(parameter->words);
        say(findings, at(word, report), "value-unknown", LintSeverity::warning,
            formatted("it takes {}, not \"{}\"", takes, printable(wrong->word)), "ignores the value",
            wrong->meant ? formatted("did you mean {}?", *wrong->meant) : std::string());
    }
    const bool wants_nohz_full = !report.effect.nohz_full.empty();
    for (const Consequence& row : kConsequences) {
        if (row.name != parameter->name || row.value != *word.value ||
            (row.needs_nohz_full && !wants_nohz_full)) {
            continue;
        }
        say(findings, at(word, report), row.id, row.severity, row.message, row.effect);
    }
}

bool looks_like_list(const BootWord& word) {
    return !word.value && !word.name.empty() && word.name.front() >= '0' && word.name.front() <= '9' &&
           word.name.find_first_not_of("0123456789,-:/N") == std::string::npos;
}

// A list that a space has cut in two. `before` is the word in front of it, or null.
void check_torn(const BootWord& word, const BootWord* before, const LintReport& report, Findings& findings) {
    if (!looks_like_list(word) || before == nullptr) return;
    const Parameter* parameter = find_parameter(canonical_name(before->name));
    if (parameter == nullptr || parameter->kind != ValueKind::cpus || !before->value) return;
    LintFinding finding = at(*before, report);
    say(findings, finding, "space-in-list", LintSeverity::error,
        formatted("a space ends the parameter, and \"{}\" behind it is a word of its own",
                  printable(word.name)),
        "hands that word to init");
}

void check_place(const BootWord& word, const LintReport& report, Findings& findings) {
    if (!is_isolation(canonical_name(word.name))) return;
    say(findings, at(word, report), "after-dashes", LintSeverity::error,
        "it stands behind \"--\", which ends the kernel's parameters", "hands it to init");
}

// The same word twice is harmless.
void check_duplicate(const BootWord& word, const std::vector<BootWord>& words, const LintReport& report,
                     Findings& findings) {
    const Parameter* parameter = find_parameter(canonical_name(word.name));
    // hugepages= comes once for each size.
    if (parameter == nullptr || parameter->name.starts_with("hugepages")) return;
    const std::string text = plain_text(word);
    for (const BootWord& other : words) {
        if (other.offset >= word.offset) return;
        if (plain_text(other) != text) continue;
        return say(findings, at(word, report), "duplicate", LintSeverity::note,
                   "the same word stands before it");
    }
}

// A quote that is not closed holds all that follows.
void check_quotes(const BootWord& word, const LintReport& report, Findings& findings) {
    LintFinding finding = at(word, report);
    if (std::count(finding.word.begin(), finding.word.end(), '"') % 2 == 0) return;
    say(findings, std::move(finding), "quote-not-closed", LintSeverity::warning, "a quote is not closed",
        "takes the rest of the line as part of this word");
}

// irqaffinity= always has the boot CPU.
void check_irqaffinity(const BootWord& word, const LintReport& report, const KernelTarget& target,
                       Findings& findings) {
    if (canonical_name(word.name) != "irqaffinity" || !word.value) return;
    const auto cpus = CpuSet::parse_list(*word.value);
    if (!cpus || cpus->contains(target.boot_cpu)) return;
    say(findings, at(word, report), "irqaffinity-boot-cpu", LintSeverity::note,
        formatted("the list leaves out CPU {}, the boot CPU", target.boot_cpu),
        formatted("adds it: {}", report.effect.irq_affinity.list()));
}

}  // namespace

std::vector<LintFinding> lint_words(const std::vector<BootWord>& words, const LintReport& report,
                                    const KernelTarget& target) {
    Findings findings;
    HugepagesReader hugepages;
    const BootWord* before = nullptr;
    for (const BootWord& word : words) {
        if (word.for_init) {
            check_place(word, report, findings);
            continue;
        }
        check_name(word, report, target, findings);
        check_value(word, report, findings);
        check_quotes(word, report, findings);
        check_irqaffinity(word, report, target, findings);
        check_duplicate(word, words, report, findings);
        check_torn(word, before, report, findings);
        if (word.value) {
            if (const auto why = hugepages.take(canonical_name(word.name), *word.value)) {
                say(findings, at(word, report), "hugepages-ignored", LintSeverity::warning, *why,
                    "ignores it");
            }
        }
        // The rest of a torn list belongs to the same parameter.
        if (!looks_like_list(word)) before = &word;
    }
    return findings;
}

}  // namespace torque::tune
