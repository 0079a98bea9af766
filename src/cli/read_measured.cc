#include "cli/read_measured.h"

#include <fmt/format.h>

#include "layout/measured_json.h"
#include "sys/text_file.h"

namespace torque {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{256} << 20;  // 2 million pairs of CPUs

Result<void> check_cpus(const CpuSet& measured, const std::string& file, const Machine& machine) {
    CpuSet cpus;
    for (const Cpu& cpu : machine.cpus) cpus.add(cpu.id);
    if (!measured.empty() && cpus.contains(measured)) return {};
    return fail(
        fmt::format("it was measured on another machine: this one has no CPUs {}", (measured - cpus).list()),
        file, "measure the machine that is asked about");
}

}  // namespace

Result<Measured> read_measured(const std::vector<std::string>& files, const Machine& machine) {
    Measured measured;
    for (const std::string& file : files) {
        const auto text = read_text_file(file, kFileBytesMax);
        if (!text) return tl::unexpected<Error>(text.error());
        const auto added = add_measured(*text, file == "-" ? "standard input" : file, measured);
        if (!added) return tl::unexpected<Error>(added.error());
    }
    if (measured.cores) {
        const auto same = check_cpus(measured.cores->cpus, measured.cores->file, machine);
        if (!same) return tl::unexpected<Error>(same.error());
    }
    if (measured.smt) {
        const auto same = check_cpus(measured.smt->cpus, measured.smt->file, machine);
        if (!same) return tl::unexpected<Error>(same.error());
    }
    return measured;
}

}  // namespace torque
