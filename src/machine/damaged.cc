#include "machine/damaged.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/parse.h"

namespace torque {
namespace {

enum class Form { list, mask };

struct File {
    const char* path;
    Form form;
};

// Of the machine.
constexpr struct {
    File file;
    bool (*is_known)(const SysfsCpuFacts&);
} kMachineFiles[] = {{{"sys/devices/system/cpu/online", Form::list},
                      [](const SysfsCpuFacts& f) { return f.online.has_value(); }},
                     {{"sys/devices/system/cpu/possible", Form::list},
                      [](const SysfsCpuFacts& f) { return f.possible.has_value(); }},
                     {{"sys/devices/system/cpu/present", Form::list},
                      [](const SysfsCpuFacts& f) { return f.present.has_value(); }},
                     {{"sys/devices/system/cpu/isolated", Form::list},
                      [](const SysfsCpuFacts& f) { return !f.isolated.empty(); }},
                     {{"sys/devices/system/cpu/nohz_full", Form::list},
                      [](const SysfsCpuFacts& f) { return !f.nohz_full.empty(); }}};

// Of each CPU, below sys/devices/system/cpu/cpuN/.
constexpr File kCpuFiles[] = {
    {"topology/core_cpus", Form::mask},       {"topology/core_cpus_list", Form::list},
    {"topology/thread_siblings", Form::mask}, {"topology/thread_siblings_list", Form::list},
    {"topology/package_cpus", Form::mask},    {"topology/package_cpus_list", Form::list},
    {"topology/core_siblings", Form::mask},   {"topology/core_siblings_list", Form::list}};

// Of each node, below sys/devices/system/node/nodeN/.
constexpr File kNodeFiles[] = {{"cpumap", Form::mask}, {"cpulist", Form::list}};

// Some kernels' nohz_full is a NUL.
bool is_blank(std::string_view text) {
    static constexpr std::string_view kNothing(" \t\r\n\0", 5);
    return text.find_first_not_of(kNothing) == text.npos;
}

class Search {
  public:
    explicit Search(const Dir& root) : root_(root) {}

    void look(const std::string& folder, const File& file) {
        const std::string path = folder + file.path;
        const auto text = root_.read(path);
        if (!text || is_blank(*text)) return;  // empty: the program that copied it could not read it
        const bool is_good = file.form == Form::list ? CpuSet::parse_list(*text).has_value()
                                                     : CpuSet::parse_mask(*text).has_value();
        if (is_good) return;
        add("/" + path + " (\"" + printable(*text, 30) + "\")");
    }

    void add(const std::string& file) {
        if (count_++ == 0) first_ = file;
    }

    int count() const { return count_; }
    const std::string& first() const { return first_; }

  private:
    const Dir& root_;
    int count_ = 0;
    std::string first_;  // and what it holds
};

}  // namespace

std::string_view cpu_info_fault(const Dir& root) {
    const auto text = root.read("proc/cpuinfo");
    if (text) return is_blank(*text) ? "empty" : "";
    const std::vector<std::string> names = root.list("proc");
    return std::binary_search(names.begin(), names.end(), "cpuinfo") ? "unreadable" : "";
}

void add_damaged_files(const Dir& root, const SysfsFacts& facts, Machine& machine) {
    Search search(root);
    for (const auto& row : kMachineFiles) {
        if (!row.is_known(facts.cpu)) search.look("", row.file);
    }
    const std::string_view fault = facts.info.empty() ? cpu_info_fault(root) : "";
    if (!fault.empty()) search.add("/proc/cpuinfo (" + std::string(fault) + ")");
    for (const Cpu& cpu : machine.cpus) {
        if (!cpu.online || (cpu.core && cpu.package)) continue;
        const std::string folder = "sys/devices/system/cpu/cpu" + std::to_string(cpu.id.value) + "/";
        for (const File& file : kCpuFiles) search.look(folder, file);
    }
    for (const Node& node : machine.nodes) {
        if (!node.cpus.empty()) continue;
        const std::string folder = "sys/devices/system/node/node" + std::to_string(node.id.value) + "/";
        for (const File& file : kNodeFiles) search.look(folder, file);
    }
    if (search.count() == 0) return;
    const std::string what =
        search.count() == 1
            ? search.first() + " holds"
            : std::to_string(search.count()) + " files, the first of them " + search.first() + ", hold";
    machine.findings.push_back({"file-damaged",
                                Severity::warning,
                                what + " no CPUs that can be read",
                                "copy the files anew: what they tell is missing, or was taken from others",
                                {machine.host.source}});
}

}  // namespace torque
