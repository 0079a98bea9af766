#include "serve/verify_layout.h"

#include <bit>
#include <optional>
#include <string_view>

#include "base/format.h"
#include "base/parse.h"

namespace torque::serve {
namespace {

constexpr const char* kCpuFolder = "sys/devices/system/cpu";
constexpr int kBuffersMin = 16;
constexpr std::int64_t kBufferBytesTotalMax = std::int64_t{1} << 30;

std::optional<CpuSet> read_cpus(const Dir& root, const std::string& path) {
    const auto text = root.read(path);
    if (!text) return std::nullopt;
    auto cpus = CpuSet::parse_list(trim_space(*text));
    if (!cpus) return std::nullopt;
    return *std::move(cpus);
}

// Spaces in a run count as one: old firmware pads the name.
std::string squeezed(std::string_view text) {
    std::string out;
    for (char c : trim_space(text)) {
        if (c != ' ' || out.empty() || out.back() != ' ') out += c;
    }
    return out;
}

// The first "model name" of /proc/cpuinfo: the brand string of CPUID leaves 0x80000002 to 4. Arm has none.
std::optional<std::string> model_name(const Dir& root) {
    const auto text = root.read("proc/cpuinfo");
    if (!text) return std::nullopt;
    std::string_view rest = *text;
    while (!rest.empty()) {
        std::string_view line = take_line(rest);
        if (trim_space(take_until(line, ':')) == "model name") return squeezed(line);
    }
    return std::nullopt;
}

void compare_worker(const Worker& worker, const Dir& root, const CpuSet& online,
                    std::vector<std::string>& found) {
    const std::string folder = formatted("{}/cpu{}", kCpuFolder, worker.cpu.value);
    if (auto siblings = read_cpus(root, folder + "/topology/thread_siblings_list")) {
        siblings->remove(worker.cpu.value);
        // An offline thread is no sibling to the kernel, and taking siblings offline is one of the SMT
        // policies.
        if (const CpuSet expected = worker.siblings & online; *siblings != expected) {
            const auto name = [](const CpuSet& set) {
                return set.empty() ? std::string("none") : set.list();
            };
            found.push_back(formatted("the siblings of CPU {} are {} in the layout, {} here",
                                      worker.cpu.value, name(worker.siblings), name(*siblings)));
        }
    }
    const std::vector<int> nodes = numbered_entries(root, folder, "node");
    if (worker.node && nodes.size() == 1 && nodes[0] != worker.node->value) {
        found.push_back(formatted("CPU {} is on node {} in the layout, on node {} here", worker.cpu.value,
                                  worker.node->value, nodes[0]));
    }
}

Result<void> check_buffers(const Worker& worker) {
    const auto [count, size_bytes] = worker.buffers;
    const std::string where = formatted("/workers/{}/buffers", worker.id);
    const char* hint = "'torque-topo plan' chooses them from the caches that a worker owns";
    if (count < kBuffersMin || count > 32768 || !std::has_single_bit(static_cast<unsigned>(count))) {
        return fail(
            formatted("{} receive buffers are not a power of two from {} to 32768", count, kBuffersMin),
            where, hint);
    }
    if (size_bytes < 64 || std::int64_t{count} * size_bytes > kBufferBytesTotalMax) {
        return fail(formatted("{} buffers of {} bytes are not from 64 bytes each to 1 GiB together", count,
                              size_bytes),
                    where, hint);
    }
    return {};
}

}  // namespace

std::vector<std::string> differences(const Layout& layout, const Dir& root) {
    std::vector<std::string> found;
    const std::optional<CpuSet> possible = read_cpus(root, std::string(kCpuFolder) + "/possible");
    if (possible && *possible != layout.machine.possible_cpus) {
        found.push_back(formatted("the possible CPUs are {} in the layout, {} here",
                                  layout.machine.possible_cpus.list(), possible->list()));
    }
    const std::optional<std::string> model = model_name(root);
    if (model && layout.machine.model && *model != squeezed(*layout.machine.model)) {
        found.push_back(formatted("the model is '{}' in the layout, '{}' here",
                                  printable(squeezed(*layout.machine.model)), printable(*model)));
    }
    const CpuSet online =
        read_cpus(root, std::string(kCpuFolder) + "/online").value_or(CpuSet::range(0, CpuSet::kMaxCpu));
    for (const Worker& worker : layout.workers) compare_worker(worker, root, online, found);
    return found;
}

Result<void> check_workers(const Layout& layout, const Dir& root) {
    if (layout.workers.empty()) {
        return fail("the layout has no workers", {}, "make it with 'torque-topo plan --workers N'");
    }
    const std::optional<CpuSet> possible = read_cpus(root, std::string(kCpuFolder) + "/possible");
    const std::optional<CpuSet> online = read_cpus(root, std::string(kCpuFolder) + "/online");
    CpuSet taken, shared;
    for (const Worker& worker : layout.workers) {
        const int cpu = worker.cpu.value;
        // Rule R15: both say so, or it is a mistake.
        const bool may_share = worker.is_shared && shared.contains(cpu);
        if (taken.contains(cpu) && !may_share) {
            return fail(formatted("two workers are to run on CPU {}", cpu), {},
                        "'torque-topo plan --oversubscribe' makes layouts whose workers share CPUs");
        }
        taken.add(cpu);
        if (worker.is_shared) shared.add(cpu);
        if (possible && !possible->contains(cpu)) {
            return fail(
                formatted("worker {} is to run on CPU {}, which this machine does not have", worker.id, cpu),
                {}, formatted("its CPUs are {}", possible->list()));
        }
        if (online && !online->contains(cpu)) {
            return fail(formatted("worker {} is to run on CPU {}, which is offline", worker.id, cpu), {},
                        formatted("as root: echo 1 > /{}/cpu{}/online", kCpuFolder, cpu));
        }
        if (auto buffers = check_buffers(worker); !buffers) return buffers;
    }
    return {};
}

}  // namespace torque::serve
