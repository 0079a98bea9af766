// Reads a layout and runs a thread on the CPU of each of its workers.
// usage: pin_threads layout.json
#include <sched.h>

#include <cstdio>
#include <thread>
#include <vector>

#include "torque/discover.h"

namespace {

// Whether the calling thread may run there alone. A mask of the machine's length: cpu_set_t ends at 1,024
// CPUs.
bool pin(torque::CpuId cpu) {
    const auto count = static_cast<std::size_t>(cpu.value) + 1;
    cpu_set_t* set = CPU_ALLOC(count);
    if (set == nullptr) return false;
    const std::size_t bytes = CPU_ALLOC_SIZE(count);
    CPU_ZERO_S(bytes, set);
    CPU_SET_S(static_cast<std::size_t>(cpu.value), bytes, set);
    const bool is_done = sched_setaffinity(0, bytes, set) == 0;
    CPU_FREE(set);
    return is_done;
}

}  // namespace

int main(int count, char** arguments) {
    const auto layout = torque::read_layout(count > 1 ? arguments[1] : "-");
    if (!layout) {
        const torque::Error& error = layout.error();
        std::fprintf(stderr, "error: %s: %s\nhint: %s\n", error.where.c_str(), error.what.c_str(),
                     error.hint.c_str());
        return 1;
    }
    std::vector<std::thread> threads;
    for (const torque::Worker& worker : layout->workers) {
        threads.emplace_back([&worker] {
            const bool is_pinned = pin(worker.cpu);
            std::printf("worker %d: CPU %d%s\n", worker.id, is_pinned ? sched_getcpu() : worker.cpu.value,
                        is_pinned ? "" : " cannot be had");
        });
    }
    for (std::thread& thread : threads) thread.join();
    return 0;
}
