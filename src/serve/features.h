// What the running kernel can do for the server, found out by asking it, never by its version.
#pragma once

#include <string>
#include <vector>

#include "serve/ring.h"
#include "sys/dir.h"
#include "torque/result.h"

namespace torque::serve {

struct Feature {
    const char* name;
    const char* since;  // kernel version, for the reader
    const char* gain;   // what the server has of it
    bool is_needed;     // it cannot run without
    bool is_there;
};

struct Features {
    std::vector<Feature> rows;
    RingSetup ring;  // for the workers
    bool has_min_wait = false;
};

// Errors: io_uring is off (says what switched it off), or a needed feature is missing (names it).
// `root` holds proc/sys/kernel/io_uring_disabled.
Result<Features> probe_features(const Dir& root);

// All rows, for --features: without the judgement, and with what takes connections of its own to find out,
// which a start does not need to know. Errors: io_uring is off.
Result<Features> list_features(const Dir& root);

// A table for people, one feature a line.
std::string features_table(const Features& features);

}  // namespace torque::serve
