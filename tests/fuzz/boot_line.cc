// Boot lines, after a byte that says which machine: cut into words, simulated, checked, mended.
#include <algorithm>

#include "claim.h"
#include "tune/boot_words.h"
#include "tune/lint.h"
#include "tune/lint_text.h"

using namespace torque::tune;

namespace {

// Eight cores of one or two threads; some CPUs not plugged in, some kernels known.
KernelTarget target_of(unsigned choice) {
    const int threads = choice & 1 ? 2 : 1;
    KernelTarget target;
    target.present = torque::CpuSet::range(0, 8 * threads - 1);
    target.possible = torque::CpuSet::range(0, choice & 2 ? 63 : 8 * threads - 1);
    for (int core = 0; core < 8; ++core) {
        target.cores.push_back(torque::CpuSet::range(core * threads, core * threads + threads - 1));
    }
    if (choice & 4) target.release = KernelRelease{static_cast<int>(choice >> 4), 4};
    if (choice & 8) target.config.no_hz_full = false;
    if ((choice & 12) == 12) target.config.cpu_isolation = false;
    return target;
}

void check_words(std::string_view line) {
    std::size_t before = 0;
    for (const BootWord& word : boot_words(line)) {
        fuzz::claim(word.offset >= before && word.length > 0, "words come one after the other");
        before = word.offset + word.length;
        fuzz::claim(before <= line.size(), "words are in the line");
        const std::size_t size = word.name.size() + (word.value ? word.value->size() + 1 : 0);
        fuzz::claim(size <= word.length, "words hold nothing that is not written");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view line = fuzz::text_of(data + 1, size - 1);
    const KernelTarget target = target_of(data[0]);
    check_words(line);
    (void)parse_release(line);
    (void)parse_config(line);
    const LintReport report = lint(line, target);
    for (const LintFinding& finding : report.findings) {
        fuzz::claim(finding.offset <= report.line.size(), "findings are in the line");
    }
    const std::string text = lint_text(report);
    fuzz::claim(
        std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }),
        "the report is printable");
    if (!report.mended) return 0;
    const LintReport mended = lint(*report.mended, target);
    fuzz::claim(std::none_of(mended.findings.begin(), mended.findings.end(),
                             [](const LintFinding& f) { return f.severity == LintSeverity::error; }),
                "a mended line has no errors");
    return 0;
}
