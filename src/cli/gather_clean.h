// What gather leaves out of the texts that it copies: what names a person, a place or a machine.
#pragma once

#include <string>
#include <string_view>

namespace torque {

// Each takes a file's text and gives what may be kept of it.

std::string clean_cpuinfo(std::string_view text);  // without the lines "Serial", and s390's identification
std::string clean_version(std::string_view text);  // "Linux version 6.12.0": not who built it, nor where
std::string clean_sysinfo(std::string_view text);  // of s390's: the hypervisor's kind
std::string clean_nvidia(std::string_view text);   // the model
std::string clean_mounts(std::string_view text);   // control groups below /sys/fs/cgroup or /dev/cpuset
std::string clean_pci_config(std::string_view bytes);  // the standard header, without capabilities
std::string clean_presence(std::string_view text);     // nothing but that the file is there

// The boot line with the values of parameters that are not known to speak of CPUs, memory, timers, interrupts
// or power replaced by "...", and nothing of what follows " -- ", which the kernel passes to init.
std::string clean_cmdline(std::string_view text);

// Names of interfaces that systemd makes of a MAC address: "enx0123456789ab".
bool is_named_by_address(std::string_view name);

}  // namespace torque
