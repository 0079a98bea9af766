#include "cli/measure_jitter_compare.h"

#include <algorithm>
#include <vector>

#include "base/format.h"
#include "layout/measured_json.h"
#include "sys/text_file.h"

namespace torque {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{64} << 20;  // 4,096 CPUs with 64 counters each take 20 MiB

enum class Verdict { quieter, alike, noisier };
constexpr const char* kVerdicts[] = {"quieter", "alike", "noisier"};

struct Row {
    MeasuredJitterOfCpu before, after;
    Verdict verdict = Verdict::alike;
};

struct Comparison {
    std::string before, after;  // files
    CpuSet cpus, left_out;
    std::vector<std::string> notes;
    std::vector<Row> rows;
};

const char* word_of(Verdict verdict) {
    return kVerdicts[static_cast<std::size_t>(verdict)];
}

Verdict verdict_of(double before, double after, double spread) {
    if (after < before - spread) return Verdict::quieter;
    return after > before + spread ? Verdict::noisier : Verdict::alike;
}

// By the time that was lost; where that is alike, by how often.
Verdict verdict_of(const MeasuredJitterOfCpu& before, const MeasuredJitterOfCpu& after) {
    const Verdict lost = verdict_of(before.stolen_share, after.stolen_share,
                                    std::max(before.stolen_share_spread, after.stolen_share_spread));
    if (lost != Verdict::alike) return lost;
    return verdict_of(before.gaps_per_s, after.gaps_per_s,
                      std::max(before.gaps_per_s_spread, after.gaps_per_s_spread));
}

Result<MeasuredJitter> read_jitter(const std::string& file) {
    const auto text = read_text_file(file, kFileBytesMax);
    if (!text) return tl::unexpected<Error>(text.error());
    return parse_measured_jitter(*text, file == "-" ? "standard input" : file);
}

Comparison compare(const MeasuredJitter& before, const MeasuredJitter& after) {
    Comparison all;
    auto other = after.cpus.begin();
    CpuSet either;
    for (const MeasuredJitterOfCpu& cpu : after.cpus) either.add(cpu.cpu);
    for (const MeasuredJitterOfCpu& cpu : before.cpus) {
        either.add(cpu.cpu);
        while (other != after.cpus.end() && other->cpu < cpu.cpu) ++other;
        if (other == after.cpus.end() || other->cpu != cpu.cpu) continue;
        all.cpus.add(cpu.cpu);
        all.rows.push_back({cpu, *other, verdict_of(cpu, *other)});
    }
    all.left_out = either - all.cpus;
    const auto unreliable = [&](const char* which) {
        all.notes.push_back(formatted("{} is not reliable: the machine was too busy", which));
    };
    if (before.fingerprint && after.fingerprint && *before.fingerprint != *after.fingerprint)
        all.notes.push_back("the two are of different machines, or CPUs went offline between them");
    if (!before.is_reliable) unreliable("before");
    if (!after.is_reliable) unreliable("after");
    if (std::max(before.threshold_ns, after.threshold_ns) >
        1.5 * std::min(before.threshold_ns, after.threshold_ns)) {
        all.notes.push_back(formatted("before counts gaps from {:.0f} ns, after from {:.0f} ns",
                                      before.threshold_ns, after.threshold_ns));
    }
    return all;
}

void write_side(JsonText& out, const char* name, const MeasuredJitterOfCpu& cpu) {
    out.key(name).begin_object().member("gaps_per_s", cpu.gaps_per_s);
    out.member("gaps_per_s_spread", cpu.gaps_per_s_spread).member("stolen_share", cpu.stolen_share);
    out.member("stolen_share_spread", cpu.stolen_share_spread).member("longest_ns", cpu.longest_ns).end();
}

std::string comparison_json(const Comparison& all) {
    JsonText out;
    out.begin_object(JsonText::Form::lines).member("schema", "torque.measure/1");
    out.member("what", "jitter-comparison").member("before", all.before).member("after", all.after);
    out.member("cpus", all.cpus).member("left_out", all.left_out).member("notes", all.notes);
    out.table("compared", all.rows, [](JsonText& row, const Row& one) {
        row.begin_object().member("cpu", one.before.cpu).member("verdict", word_of(one.verdict));
        write_side(row, "before", one.before);
        write_side(row, "after", one.after);
        row.end();
    });
    return out.end().take();
}

std::string stolen_text(const MeasuredJitterOfCpu& cpu) {
    return formatted("{:.4f} %", cpu.stolen_share * 100);
}

// "2 CPUs quieter, 1 noisier"
std::string verdicts_text(const Comparison& all) {
    std::string text;
    for (const Verdict verdict : {Verdict::quieter, Verdict::alike, Verdict::noisier}) {
        const auto count = std::count_if(all.rows.begin(), all.rows.end(),
                                         [&](const Row& row) { return row.verdict == verdict; });
        if (count == 0) continue;
        text += formatted("{}{} {}{}", text.empty() ? "" : ", ", count,
                          !text.empty() ? ""
                          : count == 1  ? "CPU "
                                        : "CPUs ",
                          word_of(verdict));
    }
    return text;
}

// What the table says, one drawing for each of its values.
std::vector<Figure> comparison_figures(const Comparison& all) {
    constexpr BeforeAfter::Verdict kDrawn[] = {BeforeAfter::Verdict::better, BeforeAfter::Verdict::alike,
                                               BeforeAfter::Verdict::worse};
    struct Value {
        const char *title, *x_title;
        Quantity quantity;
        double (*of)(const MeasuredJitterOfCpu&);
        bool is_judged = true;  // the verdict is by it
    };
    constexpr Value kValues[] = {
        {"Time that was stolen", "ns of each second", Quantity::ns,
         [](const MeasuredJitterOfCpu& cpu) { return cpu.stolen_share * 1e9; }},
        {"Gaps", "gaps a second", Quantity::count,
         [](const MeasuredJitterOfCpu& cpu) { return cpu.gaps_per_s; }},
        {"The longest gap", "ns", Quantity::ns, [](const MeasuredJitterOfCpu& cpu) { return cpu.longest_ns; },
         false},
    };
    std::vector<Figure> figures;
    for (const Value& value : kValues) {
        BeforeAfter changes{value.title, "CPU", value.x_title, value.quantity, "quieter", "noisier", {}};
        for (const Row& row : all.rows) {
            changes.rows.push_back({std::to_string(row.before.cpu), value.of(row.before), value.of(row.after),
                                    value.is_judged ? kDrawn[static_cast<std::size_t>(row.verdict)]
                                                    : BeforeAfter::Verdict::alike});
        }
        figures.push_back(std::move(changes));
    }
    return figures;
}

std::string comparison_text(const Comparison& all, const TreeStyle& style) {
    constexpr Tone kTones[] = {Tone::chosen, Tone::plain, Tone::problem};
    Page page(style);
    page.put(text(verdicts_text(all), Tone::strong));
    const std::string arrow(page.glyph.arrow);
    const std::vector<Column> columns = {{"CPU", true},
                                         {"stolen", true},
                                         {},
                                         {"", true},
                                         {"gaps/s", true},
                                         {},
                                         {"", true},
                                         {"longest", true},
                                         {},
                                         {"", true},
                                         {}};
    std::vector<std::vector<Line>> rows;
    for (const Row& row : all.rows) {
        rows.push_back({text(std::to_string(row.before.cpu), Tone::place), text(stolen_text(row.before)),
                        text(arrow, Tone::faint), text(stolen_text(row.after), Tone::strong),
                        text(formatted("{:.1f}", row.before.gaps_per_s)), text(arrow, Tone::faint),
                        text(formatted("{:.1f}", row.after.gaps_per_s), Tone::strong),
                        text(time_text(row.before.longest_ns, style)), text(arrow, Tone::faint),
                        text(time_text(row.after.longest_ns, style), Tone::strong),
                        text(word_of(row.verdict), kTones[static_cast<std::size_t>(row.verdict)])});
    }
    put_table(page, columns, rows);
    if (!all.left_out.empty()) {
        page.put_wrapped(text("left out: ", Tone::notice), text("  "),
                         text(formatted("only one of the two has {}", all.left_out.list())));
    }
    for (const std::string& note : all.notes) {
        page.put_wrapped(text("careful: ", Tone::problem), text("  "), text(note));
    }
    return std::move(page.out);
}

}  // namespace

Result<MeasureReport> compare_jitter(const MeasureOptions& options) {
    const auto before = read_jitter(options.before);
    if (!before) return tl::unexpected<Error>(before.error());
    const auto after = read_jitter(options.after);
    if (!after) return tl::unexpected<Error>(after.error());
    Comparison all = compare(*before, *after);
    all.before = options.before;
    all.after = options.after;
    if (all.rows.empty()) {
        return fail("the two measured no CPU in common", formatted("{} and {}", all.before, all.after),
                    "measure the same CPUs with --cpus");
    }
    return MeasureReport{[all] { return comparison_json(all); },
                         [all](const TreeStyle& style) { return comparison_text(all, style); },
                         [all] { return comparison_figures(all); }, true};
}

}  // namespace torque
