#include "probes/gpu.h"

#include <algorithm>
#include <string_view>

#include "probes/read.h"

namespace torque {
namespace {

constexpr const char* kNvidia = "proc/driver/nvidia/gpus";

// The value of the line "Key:   value".
std::optional<std::string> line_value(std::string_view text, std::string_view key) {
    while (!text.empty()) {
        std::string_view value = take_line(text);
        if (trim_space(take_until(value, ':')) != key) continue;
        value = trim_space(value);
        return value.empty() ? std::nullopt : std::optional(std::string(value));
    }
    return std::nullopt;
}

// "Node: 255"; absent too when the driver has not brought the memory online.
std::optional<int> memory_node(const Dir& root, const std::string& address) {
    const auto text = root.read(std::string(kNvidia) + "/" + address + "/numa_status");
    if (!text || line_value(*text, "Status") != "online") return std::nullopt;
    const auto node = parse_unsigned(line_value(*text, "Node").value_or(""), 1 << 16);
    return node ? std::optional(static_cast<int>(*node)) : std::nullopt;
}

void ask_nvidia(const Dir& root, Gpu& gpu) {
    if (const auto text = root.read(std::string(kNvidia) + "/" + gpu.pci_address + "/information")) {
        gpu.model = line_value(*text, "Model");
    }
}

void ask_drm(const Dir& root, Gpu& gpu) {
    const std::string path = "sys/bus/pci/devices/" + gpu.pci_address;
    const std::vector<int> cards = numbered_entries(root, path + "/drm", "card");
    if (!cards.empty()) gpu.name = "card" + std::to_string(cards.front());
}

}  // namespace

std::vector<Gpu> read_gpus(const Dir& root, const std::vector<PciFunction>& functions) {
    std::vector<Gpu> gpus;
    std::optional<std::vector<std::string>> of_nvidia;  // listed when there is the first GPU
    for (const PciFunction& function : functions) {
        const std::string_view kind =
            pci_kind(function.class_code) != nullptr ? pci_kind(function.class_code) : "";
        if (kind != "gpu" && kind != "accelerator") continue;
        if (!of_nvidia) of_nvidia = root.list(kNvidia);
        Gpu gpu;
        gpu.pci_address = function.address;
        if (kind == "gpu" && function.driver) ask_drm(root, gpu);
        if (function.driver == "amdgpu") {
            gpu.memory_bytes =
                read_unsigned(root, "sys/bus/pci/devices/" + function.address + "/mem_info_vram_total");
        }
        if (std::binary_search(of_nvidia->begin(), of_nvidia->end(), function.address)) ask_nvidia(root, gpu);
        gpus.push_back(std::move(gpu));
    }
    return gpus;
}

std::vector<int> gpu_memory_nodes(const Dir& root) {
    std::vector<int> nodes;
    for (const std::string& address : root.list(kNvidia)) {
        if (const auto node = memory_node(root, address)) nodes.push_back(*node);
    }
    return nodes;
}

}  // namespace torque
