#include "sys/uevent.h"

#include "catch.h"

using namespace torque;
using namespace std::string_view_literals;

TEST_CASE("uevents: CPUs and memory that come and go are told") {
    CHECK(hotplug_of("offline@/devices/system/cpu/cpu3\0ACTION=offline\0SUBSYSTEM=cpu\0SEQNUM=7\0"sv) ==
          "cpu3 offline");
    CHECK(hotplug_of("online@/devices/system/memory/memory40\0SUBSYSTEM=memory\0"sv) == "memory40 online");
    CHECK(hotplug_of("add@/devices/system/cpu/cpu12\0SUBSYSTEM=cpu"sv) == "cpu12 added");
    CHECK(hotplug_of("remove@/devices/system/cpu/cpu12\0SUBSYSTEM=cpu\0"sv) == "cpu12 removed");
}

TEST_CASE("uevents: everything else is not") {
    CHECK_FALSE(hotplug_of("add@/devices/virtual/net/lo\0SUBSYSTEM=net\0"sv));
    CHECK_FALSE(hotplug_of("change@/devices/system/cpu/cpu3\0SUBSYSTEM=cpu\0"sv));
    CHECK_FALSE(hotplug_of("offline@/devices/system/cpu/cpu3\0ACTION=offline\0"sv));
    CHECK_FALSE(hotplug_of("offline@\0SUBSYSTEM=cpu\0"sv));
    CHECK_FALSE(hotplug_of("libudev\0\xfe\xed\xca\xfe"sv));
    CHECK_FALSE(hotplug_of(""sv));
}

TEST_CASE("uevents: no byte of a name reaches a terminal as it is") {
    CHECK(hotplug_of("add@/\x1b[31m\0SUBSYSTEM=cpu\0"sv)->find('\x1b') == std::string::npos);
}
