// Profile: which kernel parameters a plan asks for, as data. Profiles choose parameters, never CPUs.
#pragma once

#include <string>
#include <vector>

namespace torque {

// One parameter of the kernel's boot line.
struct Parameter {
    std::string name;   // "isolcpus"
    std::string value;  // text in which {isolated} and {housekeeping} stand for CPU lists; "" for a bare word
    std::string why;    // what it buys
    std::string price;  // what it costs
    std::string needs;  // what the kernel must have, "CONFIG_NO_HZ_FULL"; "" for nothing special
    bool operator==(const Parameter&) const = default;
};

// One file under /proc/sys, /sys or /sys/fs/cgroup that has the effect without a reboot.
struct RuntimeKnob {
    std::string path;
    std::string value;  // as Parameter::value
    std::string why;
    bool operator==(const RuntimeKnob&) const = default;
};

struct Profile {
    std::string name;
    std::string description;
    std::vector<Parameter> boot;
    std::vector<RuntimeKnob> runtime;
    bool operator==(const Profile&) const = default;
};

}  // namespace torque
