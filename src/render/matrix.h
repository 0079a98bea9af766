// render_matrix(): how near devices are to each other and to the NUMA nodes.
#pragma once

#include <string>

#include "render/tree.h"
#include "torque/machine.h"

namespace torque {

// As nvidia-smi topo -m does for GPUs: lines that end in '\n'. A table of the devices by the devices and
// nodes, in several parts where that is wider than the style's width, then the NUMA distances, then a legend
// of the words that occur.
std::string render_matrix(const Machine& machine, const TreeStyle& style);

}  // namespace torque
