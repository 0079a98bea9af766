#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/parse.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "discover/read_machine.h"
#include "layout/json_text.h"
#include "sys/archive.h"
#include "sys/host.h"
#include "tune/lint.h"
#include "tune/lint_target.h"
#include "tune/lint_text.h"

namespace torque {
namespace {

using tune::KernelTarget;
using tune::LintFinding;
using tune::LintReport;

// A boot line is at most a few thousand characters long; what is longer is something else.
constexpr std::size_t kLineBytesMax = std::size_t{64} << 10;

Result<std::string> read_stdin() {
    std::string text;
    std::array<char, 4096> chunk;
    while (text.size() <= kLineBytesMax) {
        const ssize_t n = ::read(STDIN_FILENO, chunk.data(), chunk.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail("cannot read", "standard input");
        if (n == 0) return text;
        text.append(chunk.data(), static_cast<std::size_t>(n));
    }
    return fail("this is too long for a boot line", "standard input");
}

// What was given, or read from standard input, or the line that the machine was booted with.
Result<std::string> line_to_check(const LintOptions& options, const Machine& machine) {
    Result<std::string> line = options.line.value_or("");
    if (options.line == "-") line = read_stdin();
    if (!options.line) {
        if (!machine.host.cmdline) {
            return fail("the machine's data has no boot line", machine.host.source,
                        "give the line as an argument", ErrorKind::usage);
        }
        line = *machine.host.cmdline;
    }
    if (line && line->size() > kLineBytesMax) return fail("this is too long for a boot line");
    while (line && line->ends_with('\n')) line->pop_back();
    return line;
}

// The kernel's build configuration: distributions install it beside the kernel, and some kernels carry it
// (CONFIG_IKCONFIG_PROC). Absent in most snapshots.
std::optional<std::string> read_config(const Host& host, const Machine& machine) {
    constexpr std::size_t kConfigBytesMax = std::size_t{4} << 20;
    if (!host.root) return std::nullopt;
    const std::string release = machine.host.kernel.value_or("/");
    if (release.find('/') == release.npos) {
        if (auto text = host.root->read("boot/config-" + release)) return text;
    }
    const auto packed = host.root->read("proc/config.gz");
    if (!packed) return std::nullopt;
    auto text = read_packed_text(*packed, "proc/config.gz", kConfigBytesMax);
    return text ? std::optional(std::move(*text)) : std::nullopt;
}

// Null for what does not apply.
void write_finding(JsonText& out, const LintFinding& finding) {
    out.begin_object();
    out.member("id", finding.id).member("severity", tune::severity_word(finding.severity));
    out.member("parameter", unless_empty(finding.parameter)).member("offset", finding.offset);
    out.member("word", unless_empty(finding.word)).member("message", finding.message);
    out.member("effect", unless_empty(finding.effect)).member("hint", unless_empty(finding.hint));
    out.end();
}

std::string lint_json(const LintReport& report) {
    const tune::KernelEffect& effect = report.effect;
    JsonText out;
    out.begin_object(JsonText::Form::lines).member("schema", "torque.lint/1").member("line", report.line);
    out.key("effect").begin_object();
    out.member("isolated", effect.isolated).member("nohz_full", effect.nohz_full);
    out.member("rcu_nocbs", effect.rcu_nocbs).member("rcu_nocb_poll", effect.rcu_nocb_poll);
    out.member("managed_irq", effect.managed_irq).member("irq_affinity", effect.irq_affinity);
    out.member("init_cpus", effect.init_cpus).member("kernel_threads", effect.kernel_threads);
    out.member("unbound_workqueues", effect.unbound_workqueues).member("for_init", effect.for_init).end();
    out.table("findings", report.findings, write_finding);
    return out.member("mended", report.mended).end().take();
}

}  // namespace

Result<ExitStatus> run_lint(const LintOptions& options) {
    if (options.line == "-" && options.input == "-") {
        return fail("standard input can be the line or the machine, not both", {}, {}, ErrorKind::usage);
    }
    std::optional<std::string> config;
    const Result<Machine> machine =
        read_machine(options.input, [&](const Host* host, const Machine& built) -> Result<void> {
            if (host != nullptr) config = read_config(*host, built);
            return {};
        });
    if (!machine) return tl::unexpected<Error>(machine.error());
    const Result<std::string> line = line_to_check(options, *machine);
    if (!line) return tl::unexpected<Error>(line.error());
    KernelTarget target = tune::lint_target(*machine);
    if (config) target.config = tune::parse_config(*config);
    const LintReport report = tune::lint(*line, target);
    const std::string text = options.json ? lint_json(report) : tune::lint_text(report);
    if (const auto written = write_output(options.output, text); !written) {
        return tl::unexpected<Error>(written.error());
    }
    return tune::has_faults(report) ? kExitFound : kExitOk;
}

}  // namespace torque
