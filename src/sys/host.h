// Host: the one seam to the machine under study. Probes read through it and touch nothing else.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <variant>

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

// A machine that another program has put together already: a text, which the layers above read.
struct Document {
    // Documents that are JSON or XML are at most this long; a machine of 4,096 CPUs takes 2 MiB.
    static constexpr std::size_t kBytesMax = std::size_t{32} << 20;

    enum class Kind { json, xml, synthetic };
    Kind kind = Kind::json;
    std::string text;
    std::string name;  // the input as the user named it
};

// Facts to build a machine from, or a machine as a document.
using Input = std::variant<Host, Document>;

// What `path` holds, recognised by content: a directory or an archive with sys/ at any depth, a directory of
// CPUID files as hwloc-gather-cpuid makes it, or both side by side; a text dump of CPUID; a document that
// starts as JSON or XML does. "-" is standard input. What names no file and has the form of an hwloc
// synthetic description ("pack:2 core:4 pu:2", see hwloc's documentation of synthetic topologies) is one.
// Errors name the path: it is not there, is none of these, is truncated, or is larger than the limits of
// sys/archive.h.
Result<Input> open_input(const std::string& path);

// The same where only facts will do; a document is an error.
Result<Host> open_host(const std::string& path);

}  // namespace torque
