// Machines as hwloc describes them: its XML, its synthetic descriptions, and what it finds by itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "torque/cpu_set.h"
#include "torque/machine.h"
#include "torque/result.h"

namespace torque {

// CPUs that an object of hwloc holds, with hwloc's number for it where it has one.
struct HwlocObject {
    std::optional<int> id;
    CpuSet cpus;
};

struct HwlocNode {
    int id = 0;
    CpuSet cpus;
    std::uint64_t memory_bytes = 0;
    std::vector<HugePages>
        page_types;       // pages other than the smallest kind; hwloc does not tell the free ones
    std::string subtype;  // "HBM", "CXL-DRAM", "GPUMemory" or empty
};

struct HwlocDevice {
    std::string address;           // PCI; empty where the device is on no PCI function
    std::uint32_t class_code = 0;  // 0xCCSSPP; 0 where there is no PCI function
    std::string name;              // of the operating system, such as "eth0"; may be empty
    std::string kind;  // of the operating system's device: "network", "block", "gpu" and so on; may be empty
    std::string vendor, model;  // may be empty
    CpuSet cpus;                // of the first ancestor that has any
    std::vector<int> nodes;     // likewise
};

// CPUs alike in efficiency, slowest first.
struct HwlocCpuKind {
    CpuSet cpus;
    std::string core_type;  // "IntelCore", "IntelAtom" or empty
    std::optional<std::uint64_t> max_khz;
    std::optional<int> capacity;
};

// Package information that hwloc keeps as text.
struct HwlocIdentity {
    std::string vendor, brand;
    std::optional<int> family, model, stepping;
};

struct HwlocFacts {
    CpuSet possible, online, allowed;
    std::vector<HwlocObject> packages, dies, clusters, cores;  // by first CPU
    std::vector<Cache> caches;
    std::vector<HwlocNode> nodes;
    std::vector<std::vector<int>> distances;  // a row and a column for each node, or empty
    std::vector<HwlocDevice> devices;
    std::vector<HwlocCpuKind> kinds;
    HwlocIdentity identity;  // of the first package
    std::string kernel, arch;
    std::string library;  // "hwloc 2.9.0"
};

// hwloc is a shared library that is opened on the first call and stays open. It writes to standard error, and
// damaged input can crash it: torque-apart alone calls these (sys/apart.h). `name` goes into errors.
// Errors of all: the library is not installed, or refuses what it is given.

// The CPUs, caches and memory that hwloc finds by itself, without devices: of the machine that it runs on, or
// where its environment variables say (hwloc's documentation, "Environment Variables").
Result<HwlocFacts> read_hwloc_own(const std::string& name);

// XML as lstopo and hwloc write it, of version 2 or 1. Before hwloc sees it, it is checked: no DTD of its
// own, no entities, no number of a CPU above CpuSet::kMaxCpu, at most 256 levels and 4 million tags.
Result<HwlocFacts> read_hwloc_xml(const std::string& text, const std::string& name);

// "pack:2 l3:2 core:8 pu:2": at most 65,536 CPUs.
Result<HwlocFacts> read_hwloc_synthetic(const std::string& text, const std::string& name);

}  // namespace torque
