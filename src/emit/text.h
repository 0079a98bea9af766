// What the formats share: parts of a layout that a format needs, and the comment at a text's head.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "torque/cpu_set.h"
#include "torque/layout.h"
#include "torque/result.h"

namespace torque::emit {

// The workers' CPUs in the order of the workers, "4 6 8 10"; most programs count threads in that order.
std::string worker_cpus(const Layout& layout, std::string_view separator);
// What the workers' program may run on: their CPUs and, where the plan isolates any, the isolated ones.
CpuSet program_cpus(const Layout& layout);
// The nodes that the workers' memory is bound to; empty when none is.
CpuSet memory_nodes(const Layout& layout);

// The list form with spaces for commas: "0-3 12-19".
std::string spaced_list(const CpuSet& cpus);
// hwloc's mask form: "0x00000001,0x00000000".
std::string hwloc_mask(const CpuSet& cpus);

// Parameters of the boot line, safe to write into any format: name[=value], of letters, digits and _-.,:/=+@.
struct BootWord {
    std::string name;
    std::string text;
};
// Errors: a parameter holds another character; the line is not its parameters. Empty without a boot line.
Result<std::vector<BootWord>> boot_words(const Layout& layout);
std::string joined_texts(const std::vector<BootWord>& words, std::string_view separator = " ");
std::string joined_names(const std::vector<BootWord>& words, std::string_view separator = " ");

// The layout's fingerprint, as it stands. Errors: it is not of 1 to 63 letters and digits, as all that we
// write.
Result<std::string> plain_fingerprint(const Layout& layout);

// The comment at a text's head, each line after `mark` ("# "): the plan, then the lines given.
std::string head(const Layout& layout, std::string_view mark, std::initializer_list<std::string_view> lines);
// "the plan for machine efb06af8073f2922, profile full, 4 workers": safe in a comment of any format.
std::string plan_name(const Layout& layout);

}  // namespace torque::emit
