// What stands above and below the tree of a machine. A function without anything to say says nothing.
#pragma once

#include <string>
#include <vector>

#include "render/nest.h"
#include "render/text.h"
#include "torque/machine.h"

namespace torque {

void put_header(Page& page, const Machine& machine);            // model, counts, kernel, what was read
std::vector<std::string> header_lines(const Machine& machine);  // the same in Unicode without colour
void put_aside(Page& page, const Nesting& nesting);
void put_types(Page& page, const Machine& machine);  // of a machine that has more than one
void put_caches(Page& page, const Machine& machine);
void put_tlbs(Page& page, const Machine& machine);
void put_nodes(Page& page, const Machine& machine);    // where there are several, or huge pages
void put_devices(Page& page, const Machine& machine);  // network, disks, GPUs: like ones in one row
void put_states(Page& page, const Machine& machine);   // offline, isolated, not allowed
void put_findings(Page& page, const Machine& machine);
void put_apic_ids(Page& page, const Machine& machine);
void put_sources(Page& page, const Machine& machine);

}  // namespace torque
