// What the boot line keeps from the kernel, and so from whoever asks it.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/parse.h"
#include "machine/findings_checks.h"

namespace torque::findings {
namespace {

// Documentation/admin-guide/kernel-parameters.txt.
struct Hiding {
    std::string_view parameter;  // as it stands, or with what it is set to behind the "="
    std::string_view hidden;
    bool is_number_of_cpus = false;  // hides something where just as many are there
};

constexpr Hiding kHiding[] = {
    {"nosmp", "all CPUs but one"},
    {"maxcpus=0", "all CPUs but one"},
    {"nolapic", "all CPUs but one"},
    {"disableapic", "all CPUs but one"},
    {"acpi=off", "what firmware says of CPUs and nodes"},
    {"nr_cpus=", "CPUs beyond that number", true},
    {"possible_cpus=", "CPUs beyond that number", true},
    {"numa=off", "NUMA nodes"},
    {"numa=noacpi", "NUMA nodes"},
    {"numa=fake=", "NUMA nodes, by made-up ones"},
    {"mem=", "memory beyond that"},
};

const Hiding* find_hiding(std::string_view word, std::uint64_t cpus) {
    for (const Hiding& row : kHiding) {
        const bool is_open = row.parameter.ends_with('=');
        if (is_open ? !word.starts_with(row.parameter) : word != row.parameter) continue;
        if (!row.is_number_of_cpus || parse_unsigned(word.substr(row.parameter.size())) == cpus) return &row;
    }
    return nullptr;
}

}  // namespace

std::optional<Said> look_at_boot_line(const Evidence& evidence) {
    const auto& line = evidence.machine.host.cmdline;
    // Not the possible ones: possible_cpus= makes room for more than there are, too.
    const std::uint64_t cpus = evidence.machine.cpus.size();
    std::string found;
    for (std::string_view rest = line ? *line : std::string_view(); !rest.empty();) {
        const std::string_view word = trim_space(take_until(rest, ' '));
        if (word == "--") break;  // what follows is for the first process
        const Hiding* hiding = find_hiding(word, cpus);
        if (hiding == nullptr) continue;
        found += (found.empty() ? "" : ", ") + printable(word) + " (" + std::string(hiding->hidden) + ")";
    }
    if (found.empty()) return std::nullopt;
    return Said{
        "the boot line may hide a part of this machine: " + found,
        "fine where it is meant; what is shown and planned is what is left: boot without it to see all",
        {source_of(evidence.machine, "host.cmdline", "/proc/cmdline")}};
}

}  // namespace torque::findings
