// What is known of the kernel parameters that have to do with isolation, as tables.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tune/kernel_effect.h"

namespace torque::tune {

enum class ValueKind {
    any,
    bare,    // takes none
    number,  // decimal digits, with or without a minus
    words,   // one of Parameter::words, or several parted by commas
    cpus,    // a CPU list, after flags for isolcpus
};

struct Parameter {
    std::string_view name;
    ValueKind kind = ValueKind::any;
    std::string_view words = {};  // parted by "|"
};

// Absent: a parameter that has nothing to do with isolation, or one that does not exist.
const Parameter* find_parameter(std::string_view canonical_name);

// Is the parameter one of those that make up isolation: isolcpus and its like?
bool is_isolation(std::string_view canonical_name);

// The parameter that was probably meant, where the name is nearly one of those known here. Names are
// case-sensitive, and one that differs in nothing else counts as misspelt.
std::optional<std::string> misspelt_parameter(std::string_view canonical_name);

// Where a parameter that circulates comes from, if not from the mainline kernel.
std::optional<std::string_view> foreign_parameter(std::string_view canonical_name);

// The kernel finds some parameters by how a word begins, whatever follows (init/main.c,
// obsolete_checksetup()). The parameter that such a word is, where its name goes on; absent for every other
// word.
std::optional<std::string_view> found_by_beginning(std::string_view canonical_name);

// Is the parameter known to be younger than the release?
bool is_too_new(std::string_view canonical_name, KernelRelease release);

// A word of the value that the parameter does not take, with what was probably meant.
struct WrongValue {
    std::string word;
    std::optional<std::string> meant;
};
std::optional<WrongValue> wrong_value(const Parameter& parameter, std::string_view value);

}  // namespace torque::tune
