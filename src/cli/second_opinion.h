// add_second_opinion(): what hwloc makes of a machine, held against what we do.
#pragma once

#include <string>

#include "sys/host.h"
#include "torque/machine.h"
#include "torque/result.h"

namespace torque {

// `opinion` is the word "hwloc", for what the hwloc that is installed makes of `host`, or the name of a file
// of hwloc's XML. `host` is null where the machine came from a document. What differs becomes findings of
// `machine`. hwloc reads a snapshot from a folder of its own (/dev/shm or /tmp), which holds what `gather`
// would pack and is removed. Errors: hwloc is not installed or fails; there is nothing for it to look at;
// `opinion` is no XML.
Result<void> add_second_opinion(const std::string& opinion, const Host* host, Machine& machine);

}  // namespace torque
