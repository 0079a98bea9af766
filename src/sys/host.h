// Host: the one seam to the machine under study. Probes read through it and touch nothing else.
#pragma once

#include <memory>
#include <string>

#include "sys/cpuid_source.h"
#include "sys/dir.h"
#include "torque/result.h"

namespace torque {

struct Host {
    std::unique_ptr<Dir> root;           // holds proc/ and sys/; null when the input is CPUID only
    std::unique_ptr<CpuidSource> cpuid;  // null when there is none
    bool is_live = false;
    std::string name;  // "live", or the input as the user named it
};

// The machine this program runs on.
Host live_host();

// What `path` holds, recognised by content: a directory or an archive with sys/ at any depth, a directory of
// CPUID files as hwloc-gather-cpuid makes it, or both side by side. "-" is standard input.
// Errors name the path: it is not there, is none of these, is truncated, or is larger than the limits of
// sys/archive.h.
Result<Host> open_host(const std::string& path);

}  // namespace torque
