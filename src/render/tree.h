// render_tree(): a machine as text for people, from the header to the last finding.
#pragma once

#include <string>

#include "torque/machine.h"

namespace torque {

struct TreeStyle {
    bool colour = false;   // ANSI escapes; colour only repeats what the text says
    bool unicode = true;   // else nothing but ASCII
    int width = 100;       // columns of the terminal; below 40 it is taken as 40
    bool sources = false;  // also the APIC ids and where each fact came from
};

// Lines that end in '\n', none wider than the style's width unless one word is. Like things are folded, so
// that the length depends on how many kinds of things a machine has, not on how many CPUs. The same machine
// and style give the same text.
std::string render_tree(const Machine& machine, const TreeStyle& style);

}  // namespace torque
