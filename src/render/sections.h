// The tables below the tree of a machine. Each function says nothing where there is nothing to say.
#pragma once

#include "render/nest.h"
#include "render/text.h"
#include "torque/machine.h"

namespace torque {

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
