// Machines, profiles and layouts from where they are kept: the running kernel, files, what is built in.
#pragma once

#include <string>

#include "torque/layout.h"
#include "torque/machine.h"
#include "torque/profile.h"
#include "torque/result.h"

namespace torque {

// The machine that this runs on; with `input` the one that is described there, in any form that
// torque-topo(1) takes: a snapshot, a CPUID dump, a document, "-" for standard input. With its scheduling
// groups. CPUID is asked on one CPU after the other, which the calling thread moves to and comes back from;
// hwloc's XML and descriptions are read by torque-apart, which torque-topo(1) FILES tells of. Errors: nothing
// can be read there, or it tells of no CPU. What is merely unknown is absent from the machine.
Result<Machine> discover(const std::string& input = {});

// A built-in profile by its name ("full", see torque-topo-profiles(1)), or that of a file, whose name holds a
// slash or ends in .json. Errors: ErrorKind::usage for a name that is not built in; the file, as
// parse_profile() says.
Result<Profile> find_profile(const std::string& name);

// Of a file as `torque-topo plan` writes it; "-" is standard input. Errors: as parse_layout() says.
Result<Layout> read_layout(const std::string& path);

}  // namespace torque
