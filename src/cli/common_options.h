// What several commands' options have in common.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "cli/define_options.h"
#include "torque/cpu_set.h"
#include "torque/result.h"

namespace torque {

inline tl::unexpected<Error> usage(std::string what, std::string hint = {}) {
    return fail(std::move(what), {}, std::move(hint), ErrorKind::usage);
}

inline Result<void> take_cpus(const std::string& given, std::optional<CpuSet>& taken) {
    if (given.empty()) return {};
    auto cpus = CpuSet::parse_list(given);
    if (!cpus) return usage("--cpus: " + cpus.error().what, cpus.error().hint);
    taken = std::move(*cpus);
    return {};
}

inline OptionRow output_row(std::string& output) {
    return {"-o,--output", &output, "FILE", "Write there instead of standard output"};
}

inline OptionRow input_row(std::string& input) {
    return {"-i,--input", &input, "PATH",
            "Read another machine: a snapshot, a CPUID dump, a document; - is stdin"};
}

inline OptionRow layout_row(std::string& layout, bool is_required) {
    return {"-l,--layout", &layout, "FILE", "The layout, as 'torque-topo plan' writes it; - is stdin",
            is_required};
}

inline OptionRow json_row(bool& json, const char* about) {
    return {"-J,--json", &json, {}, about};
}

}  // namespace torque
