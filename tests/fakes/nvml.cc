// A libnvidia-ml.so.1 for the tests: two GPUs, of which the second tells nothing but its name.
#include <cstring>

namespace {

int first_gpu, second_gpu;
bool is_started = false;

constexpr int kOk = 0, kUninitialized = 1, kInvalid = 2, kNotSupported = 3, kNotFound = 6;

}  // namespace

extern "C" {

int nvmlInit_v2() {
    is_started = true;
    return kOk;
}

int nvmlShutdown() {
    is_started = false;
    return kOk;
}

int nvmlDeviceGetHandleByPciBusId_v2(const char* address, void** device) {
    if (!is_started) return kUninitialized;
    if (std::strcmp(address, "0000:01:00.0") == 0) *device = &first_gpu;
    if (std::strcmp(address, "0000:41:00.0") == 0) *device = &second_gpu;
    return *device != nullptr ? kOk : kNotFound;
}

int nvmlDeviceGetName(void* device, char* text, unsigned length) {
    const char* name = device == &first_gpu ? "NVIDIA Made-Up 1" : "NVIDIA Made-Up 2";
    if (std::strlen(name) >= length) return kInvalid;
    std::strcpy(text, name);
    return kOk;
}

int nvmlDeviceGetMemoryInfo(void* device, unsigned long long* memory) {
    if (device != &first_gpu) return kNotSupported;
    memory[0] = 80ULL << 30;
    memory[1] = 70ULL << 30;
    memory[2] = 10ULL << 30;
    return kOk;
}

int nvmlDeviceGetCpuAffinity(void* device, unsigned words, unsigned long* set) {
    if (device != &first_gpu || words < 2) return kNotSupported;
    set[0] = 0x3;   // CPUs 0 and 1
    set[1] = 0x10;  // CPU 68
    return kOk;
}

int nvmlDeviceGetMemoryAffinity(void* device, unsigned words, unsigned long* set, unsigned scope) {
    if (device != &first_gpu || words < 1 || scope != 0) return kNotSupported;
    set[0] = 0x2;  // node 1
    return kOk;
}

}  // extern "C"
