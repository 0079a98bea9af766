// What the kernel says when CPUs and memory come and go: its uevents, by netlink.
#pragma once

#include <optional>
#include <string_view>

#include "base/fd.h"
#include "torque/result.h"

namespace torque {

struct Uevent {
    enum class Kind { cpu, memory };
    Kind kind = Kind::cpu;
    int number = 0;  // of the CPU, or of the block of memory (/sys/devices/system/memory)
    bool online = false;
    bool operator==(const Uevent&) const = default;
};

// A message as lib/kobject_uevent.c writes it: "offline@/devices/system/cpu/cpu3", then KEY=VALUE, each with
// a zero behind it. Absent: it is about something else, or malformed.
std::optional<Uevent> parse_uevent(std::string_view message);

// A socket that gets them, of devices below /devices/system only. Errors: a container or an old kernel
// forbids it.
Result<Fd> open_uevents();

struct UeventRead {
    std::optional<Uevent> event;
    bool lost = false;  // messages came faster than they were read
    bool more = false;  // there may be more
};
// The next message; does not block. Messages that the kernel did not send say nothing.
UeventRead read_uevent(int fd);

}  // namespace torque
