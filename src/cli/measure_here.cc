#include "cli/measure_here.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/format.h"
#include "cli/output.h"
#include "sys/confine.h"

namespace torque {

Result<CpuSet> cpus_to_measure(const MeasureOptions& options, const Machine& machine, int count_min) {
    CpuSet allowed;
    for (const Cpu& cpu : machine.cpus) {
        if (cpu.online && cpu.allowed) allowed.add(cpu.id);
    }
    const CpuSet bound = allowed & confined_to();
    const CpuSet cpus = options.cpus.value_or(bound.empty() ? allowed : bound);
    if (!allowed.contains(cpus)) {
        return fail(formatted("this process may not run on {}", (cpus - allowed).list()), "--cpus",
                    formatted("allowed are {}", allowed.list()), ErrorKind::usage);
    }
    if (cpus.count() < count_min) {
        return fail(formatted("measure {} needs at least {} CPUs, and there {} {}", options.kind, count_min,
                              cpus.count() == 1 ? "is" : "are", cpus.count()),
                    options.cpus ? "--cpus" : "",
                    formatted("name at least {} CPUs that this process may run on", count_min),
                    ErrorKind::usage);
    }
    return cpus;
}

std::size_t line_bytes_of(const Machine& machine, int cpu) {
    int line = 0;
    for (const Cache& cache : machine.caches) {
        if (cache.cpus.contains(cpu)) line = std::max(line, cache.line_bytes.value_or(0));
    }
    const bool is_sane = line >= 16 && line <= 1024 && (line & (line - 1)) == 0;
    return is_sane ? static_cast<std::size_t>(line) : 64;
}

ProgressLine::~ProgressLine() {
    if (is_shown_) say("\r\x1b[K");
}

void ProgressLine::show(double share, std::string_view what) {
    const std::chrono::duration<double> passed = Clock::now() - begin_;
    if (passed.count() < 1 || share <= 0) return;
    write(formatted("{}, {:.0f} s left", what, passed.count() / share * (1 - share)));
}

void ProgressLine::announce(std::string_view what) {
    write(what);
}

void ProgressLine::write(std::string_view text) {
    if (::isatty(STDERR_FILENO) != 1) return;
    is_shown_ = true;
    say(formatted("\r\x1b[K{}", text));
}

}  // namespace torque
