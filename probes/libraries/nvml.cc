#include "libraries/nvml.h"

#include <dlfcn.h>

#include <array>
#include <climits>
#include <memory>

namespace torque {
namespace {

// The few declarations of nvml.h that are needed: its header comes with CUDA alone, its interface is stable.
constexpr int kNvmlSuccess = 0;
constexpr unsigned kAffinityScopeNode = 0;  // NVML_AFFINITY_SCOPE_NODE
struct NvmlDevice;
struct NvmlMemory {
    unsigned long long total, free, used;
};

struct Nvml {
    int (*init)() = nullptr;
    int (*shutdown)() = nullptr;
    int (*device_at)(const char* pci_bus_id, NvmlDevice** device) = nullptr;
    int (*name)(NvmlDevice*, char* text, unsigned length) = nullptr;
    int (*memory)(NvmlDevice*, NvmlMemory*) = nullptr;
    int (*cpu_affinity)(NvmlDevice*, unsigned words, unsigned long* set) = nullptr;
    int (*memory_affinity)(NvmlDevice*, unsigned words, unsigned long* set, unsigned scope) = nullptr;
};

template <class Function>
bool find(void* handle, const char* name, Function& function) {
    function = reinterpret_cast<Function>(::dlsym(handle, name));
    return function != nullptr;
}

std::optional<Nvml> find_functions(void* handle) {
    Nvml nvml;
    const bool complete =
        find(handle, "nvmlInit_v2", nvml.init) && find(handle, "nvmlShutdown", nvml.shutdown) &&
        find(handle, "nvmlDeviceGetHandleByPciBusId_v2", nvml.device_at) &&
        find(handle, "nvmlDeviceGetName", nvml.name) && find(handle, "nvmlDeviceGetMemoryInfo", nvml.memory);
    if (!complete) return std::nullopt;
    find(handle, "nvmlDeviceGetCpuAffinity", nvml.cpu_affinity);
    find(handle, "nvmlDeviceGetMemoryAffinity", nvml.memory_affinity);  // since driver 450
    return nvml;
}

constexpr unsigned kWordBits = sizeof(unsigned long) * CHAR_BIT;
using Words = std::array<unsigned long, 8192 / kWordBits>;

CpuSet numbers_of(const Words& words) {
    CpuSet numbers;
    for (unsigned bit = 0; bit < words.size() * kWordBits; ++bit) {
        if ((words[bit / kWordBits] >> (bit % kWordBits) & 1) != 0) numbers.add(static_cast<int>(bit));
    }
    return numbers;
}

NvmlGpu ask(const Nvml& nvml, NvmlDevice* device, const std::string& address) {
    NvmlGpu gpu;
    gpu.pci_address = address;
    std::array<char, 128> name = {};  // NVML_DEVICE_NAME_V2_BUFFER_SIZE is 96
    if (nvml.name(device, name.data(), name.size() - 1) == kNvmlSuccess && name[0] != '\0')
        gpu.name = name.data();
    NvmlMemory memory = {};
    if (nvml.memory(device, &memory) == kNvmlSuccess && memory.total > 0) gpu.memory_bytes = memory.total;
    Words words = {};
    if (nvml.cpu_affinity != nullptr && nvml.cpu_affinity(device, words.size(), words.data()) == kNvmlSuccess)
        gpu.cpus = numbers_of(words);
    words = {};
    if (nvml.memory_affinity != nullptr &&
        nvml.memory_affinity(device, words.size(), words.data(), kAffinityScopeNode) == kNvmlSuccess) {
        for (const int node : numbers_of(words)) gpu.nodes.push_back(node);
    }
    return gpu;
}

struct LibraryCloser {
    void operator()(void* handle) const { ::dlclose(handle); }
};

}  // namespace

std::vector<NvmlGpu> read_nvml(const std::vector<std::string>& addresses, const char* library) {
    std::vector<NvmlGpu> gpus;
    const std::unique_ptr<void, LibraryCloser> handle(::dlopen(library, RTLD_NOW | RTLD_LOCAL));
    if (handle == nullptr) return gpus;
    const std::optional<Nvml> nvml = find_functions(handle.get());
    if (!nvml || nvml->init() != kNvmlSuccess) return gpus;
    for (const std::string& address : addresses) {
        NvmlDevice* device = nullptr;
        if (nvml->device_at(address.c_str(), &device) != kNvmlSuccess || device == nullptr) continue;
        gpus.push_back(ask(*nvml, device, address));
    }
    nvml->shutdown();
    return gpus;
}

}  // namespace torque
