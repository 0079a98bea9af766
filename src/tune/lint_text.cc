#include "tune/lint_text.h"

#include <limits>

#include "base/format.h"
#include "base/parse.h"

namespace torque::tune {
namespace {

std::string whole(std::string_view text) {
    return printable(text, std::numeric_limits<std::size_t>::max());
}

std::string list_or_none(const CpuSet& cpus) {
    return cpus.empty() ? "none" : cpus.list();
}

std::string effect_text(const KernelEffect& effect) {
    std::string text = formatted("isolated {}, nohz_full {}, rcu_nocbs {}", list_or_none(effect.isolated),
                                 list_or_none(effect.nohz_full), list_or_none(effect.rcu_nocbs));
    if (effect.rcu_nocb_poll) text += " (polled)";
    return text + formatted(", interrupts {}", effect.irq_affinity.list());
}

std::string finding_text(const LintFinding& finding) {
    const std::string about = finding.parameter.empty() ? "the line" : printable(finding.parameter);
    std::string text = formatted("{}: {}: {}\n", severity_word(finding.severity), about, finding.message);
    if (!finding.word.empty()) {
        text += formatted("  at      character {}: {}\n", finding.offset + 1, printable(finding.word, 200));
    }
    if (!finding.effect.empty()) text += formatted("  kernel  {}\n", finding.effect);
    if (!finding.hint.empty()) text += formatted("  hint    {}\n", finding.hint);
    return text;
}

}  // namespace

const char* severity_word(LintSeverity severity) {
    switch (severity) {
        case LintSeverity::error:
            return "error";
        case LintSeverity::warning:
            return "warning";
        case LintSeverity::note:
            break;
    }
    return "note";
}

std::string lint_text(const LintReport& report) {
    const KernelEffect& effect = report.effect;
    const bool is_plain = effect.isolated.empty() && effect.nohz_full.empty() && effect.rcu_nocbs.empty();
    if (report.findings.empty()) {
        return is_plain ? "no fault found: the line isolates no CPU\n"
                        : formatted("no fault found: {}\n", effect_text(effect));
    }
    std::string text;
    for (const LintFinding& finding : report.findings) text += finding_text(finding);
    text += formatted("result: {}\n", effect_text(effect));
    if (report.mended && report.mended->empty()) return text + "mended: nothing is left of the line\n";
    if (report.mended) text += formatted("mended: {}\n", whole(*report.mended));
    return text;
}

}  // namespace torque::tune
