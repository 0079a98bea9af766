// torque-apart: asks hwloc and NVIDIA's library for torque-topo and libtorque, which start it (sys/apart.h).
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "apart/from_hwloc.h"
#include "apart/from_nvml.h"
#include "base/parse.h"
#include "sys/apart.h"
#include "sys/text_file.h"
#include "torque/json.h"
#include "torque/version.h"

namespace {

using namespace torque;

constexpr const char* kUsage =
    "usage: torque-apart xml NAME | synthetic NAME | own NAME ROOT CPUID | nvml\n"
    "It is no command for people: torque-topo runs it where hwloc or NVIDIA's library are to be asked.\n";

constexpr std::size_t kInputBytesMax = std::size_t{64} << 20;

// hwloc is told by its variables, and by no others than these, where to look: below `root`, which holds sys/
// and proc/, and in `cpuid`, which holds files of CPUID; both empty: at this machine. Of its components only
// those are used that read Linux's files and CPUID: others ask X servers and GPU libraries, and x86 would ask
// this machine's CPUID for what a snapshot does not have.
void tell_hwloc(const std::string& root, const std::string& cpuid) {
    std::vector<std::string> names;
    for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
        std::string_view rest = *at;
        const std::string_view name = take_until(rest, '=');
        if (name.starts_with("HWLOC_")) names.emplace_back(name);
    }
    for (const std::string& name : names) ::unsetenv(name.c_str());
    const bool is_live = root.empty() && cpuid.empty();
    const bool has_files = is_live || !root.empty(), has_cpuid = is_live || !cpuid.empty();
    const std::string components =
        std::string(has_files ? "linux," : "") + (has_cpuid ? "x86," : "") + "stop";
    ::setenv("HWLOC_COMPONENTS", components.c_str(), 1);
    ::setenv("HWLOC_PLUGINS_PATH", "", 1);
    ::setenv("HWLOC_KEEP_NVIDIA_GPU_NUMA_NODES", "1", 1);
    if (!root.empty()) ::setenv("HWLOC_FSROOT", root.c_str(), 1);
    if (!cpuid.empty()) ::setenv("HWLOC_CPUID_PATH", cpuid.c_str(), 1);
}

using Words = std::vector<std::string>;

Result<Machine> from_xml(const std::string& input, const Words& words) {
    return machine_from_hwloc_xml(input, words[1]);
}

Result<Machine> from_synthetic(const std::string& input, const Words& words) {
    return machine_from_hwloc_synthetic(input, words[1]);
}

Result<Machine> by_hwloc(const std::string&, const Words& words) {
    tell_hwloc(words[2], words[3]);
    return machine_as_hwloc_finds_it(words[1]);
}

Result<Machine> with_nvml(const std::string& input, const Words&) {
    Result<Machine> machine = parse_machine(input, "NVML");
    if (machine) ask_nvml(*machine);
    return machine;
}

struct Task {
    std::string_view word;
    std::size_t words;  // with the first
    Result<Machine> (*machine)(const std::string& input, const Words& words);
    rlim_t memory_bytes_max;
};

constexpr rlim_t kHwlocBytesMax = rlim_t{4} << 30;
constexpr std::array kTasks = {
    Task{"xml", 2, from_xml, kHwlocBytesMax},
    Task{"synthetic", 2, from_synthetic, kHwlocBytesMax},
    Task{"own", 4, by_hwloc, kHwlocBytesMax},
    // It reads no stranger's file, and what a driver maps is its own affair.
    Task{"nvml", 1, with_nvml, RLIM_INFINITY},
};

int run(const Task& task, const Words& words) {
    limit_apart(task.memory_bytes_max);
    const int out = hush_apart();
    const auto machine = [&](const std::string& input) { return task.machine(input, words); };
    const Result<std::string> answer =
        read_text_file("-", kInputBytesMax).and_then(machine).map(machine_json);
    return answer_apart(out, answer) ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const Words words(argv + (argc > 0 ? 1 : 0), argv + argc);
        if (words == Words{"--version"}) {
            std::puts("torque-apart " TORQUE_VERSION);
            return EXIT_SUCCESS;
        }
        for (const Task& task : kTasks) {
            if (words.size() == task.words && words[0] == task.word) return run(task, words);
        }
        std::fputs(kUsage, stderr);
        return 2;
    } catch (const std::exception&) {
        return EXIT_FAILURE;  // out of memory; who started it tells that it gave up
    }
}
