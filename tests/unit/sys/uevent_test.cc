#include "sys/uevent.h"

#include <cstdint>
#include <string>

#include "catch.h"

using namespace torque;

namespace {

std::string message(const std::string& action, const std::string& path, const std::string& subsystem) {
    std::string text = action + "@" + path;
    text += '\0';
    for (const std::string& field :
         {"ACTION=" + action, "DEVPATH=" + path, "SUBSYSTEM=" + subsystem, std::string("SEQNUM=4711")}) {
        text += field;
        text += '\0';
    }
    return text;
}

}  // namespace

TEST_CASE("uevents of CPUs and memory") {
    const std::string cpu = "/devices/system/cpu/cpu13", memory = "/devices/system/memory/memory32";
    CHECK(parse_uevent(message("offline", cpu, "cpu")) == Uevent{Uevent::Kind::cpu, 13, false});
    CHECK(parse_uevent(message("online", cpu, "cpu")) == Uevent{Uevent::Kind::cpu, 13, true});
    CHECK(parse_uevent(message("remove", cpu, "cpu")) == Uevent{Uevent::Kind::cpu, 13, false});
    CHECK(parse_uevent(message("offline", memory, "memory")) == Uevent{Uevent::Kind::memory, 32, false});
}

TEST_CASE("uevents that say nothing") {
    const std::string cpu = "/devices/system/cpu/cpu13";
    const std::string good = message("offline", cpu, "cpu");
    for (const std::string& bad :
         {std::string(), std::string("\0", 1), std::string("offline@/devices/system/cpu/cpu1"),
          message("add", cpu, "cpu"), message("offline", cpu, "memory"), message("offline", cpu, ""),
          message("offline", "/devices/system/cpu/cpu", "cpu"), message("offline", cpu + "x", "cpu"),
          message("offline", "/devices/system/cpu/cpu-1", "cpu"),
          message("offline", "/devices/system/cpu/cpu99999999999999999999", "cpu"),
          message("offline", "/devices/pci0000:00/cpu/cpu1", "cpu"), std::string("libudev\0", 8) + good,
          good.substr(0, good.size() - 1), "x" + good}) {
        CHECK_FALSE(parse_uevent(bad));
    }
    for (std::size_t cut = 0; cut < good.size(); ++cut) {
        const auto parsed = parse_uevent(good.substr(0, cut));
        CHECK((!parsed || *parsed == Uevent{Uevent::Kind::cpu, 13, false}));
    }
    std::mt19937 random(1);
    for (int i = 0; i < 20000; ++i) {
        std::string bytes = good;
        for (int n = 0; n < 3; ++n) bytes[random() % bytes.size()] = static_cast<char>(random());
        if (const auto parsed = parse_uevent(bytes)) CHECK(parsed->number >= 0);
    }
}
