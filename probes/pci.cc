#include "probes/pci.h"

#include <algorithm>

#include "probes/read.h"

namespace torque {
namespace {

struct ClassRow {
    std::uint32_t mask, value;  // of the class code
    const char* kind;
};

// More specific rows first.
constexpr ClassRow kClasses[] = {
    {0xffff00, 0x020700, "infiniband"},  {0xff0000, 0x020000, "network"},     {0xffff00, 0x010800, "nvme"},
    {0xff0000, 0x030000, "gpu"},         {0xff0000, 0x120000, "accelerator"}, {0xffff00, 0x0b4000, "accelerator"},
};

std::optional<std::uint32_t> read_hex(const Dir& dir, std::string_view path, std::uint32_t max) {
    const auto text = dir.read(path);
    const auto value = text ? parse_hex(trim_space(*text)) : std::nullopt;
    return value && *value <= max ? std::optional(static_cast<std::uint32_t>(*value)) : std::nullopt;
}

}  // namespace

const char* pci_kind(std::uint32_t class_code) {
    const auto row = std::find_if(std::begin(kClasses), std::end(kClasses),
                                  [&](const ClassRow& r) { return (class_code & r.mask) == r.value; });
    return row != std::end(kClasses) ? row->kind : nullptr;
}

std::vector<PciFunction> read_pci(const Dir& root) {
    std::vector<PciFunction> functions;
    const auto bus = root.open("sys/bus/pci/devices");
    if (bus == nullptr) return functions;
    for (const std::string& address : bus->list("")) {
        const auto class_code = read_hex(*bus, address + "/class", 0xffffff);
        if (!class_code || pci_kind(*class_code) == nullptr) continue;
        const auto device = bus->open(address);
        if (device == nullptr) continue;
        PciFunction function{address, *class_code};
        function.vendor_id = static_cast<std::uint16_t>(read_hex(*device, "vendor", 0xffff).value_or(0));
        function.device_id = static_cast<std::uint16_t>(read_hex(*device, "device", 0xffff).value_or(0));
        function.node = read_int(*device, "numa_node");
        if (function.node && *function.node < 0) function.node.reset();
        function.local_cpus = read_cpus(*device, "local_cpus", "local_cpulist").value_or(CpuSet{});
        function.irqs = numbered_entries(*device, "msi_irqs", "");
        functions.push_back(std::move(function));
    }
    return functions;
}

}  // namespace torque
