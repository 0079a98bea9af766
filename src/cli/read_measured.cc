#include "cli/read_measured.h"

#include <optional>

#include "base/format.h"
#include "base/parse.h"
#include "layout/measured_json.h"
#include "sys/text_file.h"

namespace torque {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{256} << 20;  // 2 million pairs of CPUs

Result<void> refuse(const std::string& why, const std::string& file) {
    return fail(
        "it was measured on another machine: " + why, file,
        "measure the machine that is asked about; it is another one as well since CPUs went offline, or "
        "a hypervisor was given another topology");
}

template <class Found>
Result<void> check_machine(const std::optional<Found>& found, const Machine& machine) {
    if (!found) return {};
    CpuSet cpus;
    for (const Cpu& cpu : machine.cpus) cpus.add(cpu.id);
    if (found->cpus.empty() || !cpus.contains(found->cpus))
        return refuse(formatted("this one has no CPUs {}", (found->cpus - cpus).list()), found->file);
    const std::string& own = machine.fingerprint;  // empty: an old document that does not tell
    if (own.empty() || found->fingerprint.value_or(own) == own) return {};
    return refuse(
        formatted("its fingerprint is {}, and that of this one {}", *found->fingerprint, printable(own)),
        found->file);
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
    for (const Result<void>& same :
         {check_machine(measured.cores, machine), check_machine(measured.smt, machine),
          check_machine(measured.cache, machine), check_machine(measured.memory, machine)}) {
        if (!same) return tl::unexpected<Error>(same.error());
    }
    return measured;
}

}  // namespace torque
