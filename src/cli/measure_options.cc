#include "cli/measure_options.h"

#include "base/format.h"
#include "base/parse.h"
#include "cli/common_options.h"
#include "cli/measure_kinds.h"

namespace torque {
namespace {

const Words<MeasureFormat> kFormats = {{"text", MeasureFormat::text},
                                       {"json", MeasureFormat::json},
                                       {"svg", MeasureFormat::svg},
                                       {"html", MeasureFormat::html}};

std::string kinds_text() {
    std::string text;
    for (const MeasureKind& kind : measure_kinds())
        text += (text.empty() ? "" : "|") + std::string(kind.name);
    return text;
}

Result<void> take_kind(MeasureOptions& measure, const RawOptions& raw) {
    const MeasureKind* kind = measure_kind(measure.kind);
    if (kind == nullptr) {
        std::vector<std::string> names;
        for (const MeasureKind& row : measure_kinds()) names.push_back(row.name);
        const auto meant = did_you_mean(measure.kind, names);
        return usage(formatted("measure takes {}, not \"{}\"", kinds_text(), printable(measure.kind)),
                     meant ? formatted("did you mean measure {}?", *meant) : std::string());
    }
    measure.budget_ms = kind->budget_ms;
    const std::pair<const char*, bool> given[] = {
        {"--cpus", !raw.cpus.empty()},         {"--budget", !raw.budget.empty()},
        {"--layout", !measure.layout.empty()}, {"--before", !measure.before.empty()},
        {"--after", !measure.after.empty()},   {"--matrix", !measure.matrix.empty()}};
    for (const auto& option : given) {
        const bool is_taken =
            (std::string(kind->takes) + " ").find(std::string(option.first) + " ") != std::string::npos;
        if (option.second && !is_taken) {
            return usage(formatted("{} is not for measure {}", option.first, kind->name));
        }
    }
    return {};
}

Result<void> check_measured_files(const RawOptions& raw, const MeasureOptions& measure) {
    const bool compares = !measure.before.empty() || !measure.after.empty();
    if (compares && (measure.before.empty() || measure.after.empty()))
        return usage("--before and --after go together");
    if (measure.before == "-" && measure.after == "-") return usage("standard input can be read once only");
    if (measure.cpus && !measure.layout.empty()) return usage("either --cpus or --layout");
    if (compares && (measure.cpus || !measure.layout.empty()))
        return usage("--before and --after measure nothing, and compare all CPUs");
    if (!raw.budget.empty() && (compares || !measure.matrix.empty())) {
        return usage(formatted("--budget is for measuring, and {} measures nothing",
                               compares ? "--before" : "--matrix"));
    }
    return {};
}

}  // namespace

std::vector<OptionRow> measure_rows(Parsed& parsed) {
    MeasureOptions& measure = parsed.measure;
    return {
        {"WHAT", &measure.kind, kinds_text(), "What to measure", true},
        {"--matrix", &measure.matrix, "FILE", "Of cores, measure nothing: take a table of ns; - is stdin"},
        {"--cpus", &parsed.raw.cpus, "LIST",
         "CPUs to measure (default: all allowed), or the lines of the matrix"},
        {"-l,--layout", &measure.layout, "FILE", "Of jitter: the CPUs that this layout isolates; - is stdin"},
        {"--before", &measure.before, "FILE", "Of jitter, measure nothing: compare this result ..."},
        {"--after", &measure.after, "FILE", "... with this one; - is stdin"},
        {"--budget", &parsed.raw.budget, "TIME", "Take about so long"},
        {"--format", &parsed.raw.format, words_text(kFormats), "How to print it (default: text)"},
        json_row(parsed.raw.json, "Print a torque.measure/1 document, as --format json"),
        output_row(measure.output),
    };
}

std::string measure_footer() {
    std::string text = "What to measure:";
    for (const MeasureKind& kind : measure_kinds()) {
        text += formatted("\n  {:<8}{}, in about {} s", kind.name, kind.about, kind.budget_ms / 1000);
    }
    return text;
}

Result<Command> taken_measure(const RawOptions& raw, MeasureOptions& measure) {
    if (auto taken = take_kind(measure, raw); !taken) return tl::unexpected<Error>(taken.error());
    if (auto taken = take_cpus(raw.cpus, measure.cpus); !taken) return tl::unexpected<Error>(taken.error());
    if (auto taken = check_measured_files(raw, measure); !taken) return tl::unexpected<Error>(taken.error());
    if (auto taken = take_format(raw, kFormats, measure.format); !taken)
        return tl::unexpected<Error>(taken.error());
    if (raw.json) measure.format = MeasureFormat::json;
    constexpr std::int64_t kBudgetMsMax = 3'600'000;
    if (raw.budget.empty()) return measure;
    const auto budget_ms = parse_duration_ms(raw.budget, kBudgetMsMax);
    if (!budget_ms || *budget_ms == 0) {
        return usage(
            formatted("--budget takes a time up to an hour such as 30s, not \"{}\"", printable(raw.budget)));
    }
    measure.budget_ms = *budget_ms;
    return measure;
}

}  // namespace torque
