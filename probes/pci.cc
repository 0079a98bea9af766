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
    {0xffff00, 0x020700, "infiniband"},  {0xff0000, 0x020000, "network"},
    {0xffff00, 0x010800, "nvme"},        {0xff0000, 0x030000, "gpu"},
    {0xff0000, 0x120000, "accelerator"}, {0xffff00, 0x0b4000, "accelerator"},
    {0xffff00, 0x0c0600, "infiniband"},
};

std::optional<std::uint32_t> hex_of(std::string_view text, std::uint32_t max) {
    const auto value = parse_hex(trim_space(text));
    return value && *value <= max ? std::optional(static_cast<std::uint32_t>(*value)) : std::nullopt;
}

std::optional<std::uint32_t> read_hex(const Dir& dir, std::string_view path, std::uint32_t max) {
    const auto text = dir.read(path);
    return text ? hex_of(*text, max) : std::nullopt;
}

struct Identity {
    std::optional<std::uint32_t> class_code;
    std::uint32_t vendor_id = 0, device_id = 0;
    std::optional<std::string> driver;
};

// `uevent` holds in one file what is else in four: "DRIVER=igb", "PCI_CLASS=20000", "PCI_ID=8086:1533".
Identity parse_uevent(std::string_view text) {
    Identity out;
    while (!text.empty()) {
        std::string_view value = take_line(text);
        const std::string_view key = take_until(value, '=');
        if (key == "DRIVER") out.driver = std::string(value);
        if (key == "PCI_CLASS") out.class_code = hex_of(value, 0xffffff);
        if (key == "PCI_ID") {
            out.vendor_id = hex_of(take_until(value, ':'), 0xffff).value_or(0);
            out.device_id = hex_of(value, 0xffff).value_or(0);
        }
    }
    return out;
}

Identity read_identity(const Dir& sys, const std::string& path) {
    if (const auto text = sys.read(path + "/uevent")) {
        Identity out = parse_uevent(*text);
        if (out.class_code) return out;
    }
    // Not every snapshot has it.
    Identity out;
    out.class_code = read_hex(sys, path + "/class", 0xffffff);
    if (!out.class_code) return out;
    out.vendor_id = read_hex(sys, path + "/vendor", 0xffff).value_or(0);
    out.device_id = read_hex(sys, path + "/device", 0xffff).value_or(0);
    if (const auto driver = sys.link(path + "/driver")) out.driver = driver->substr(driver->rfind('/') + 1);
    return out;
}

// "0000:65:00.0"; a domain has four to eight digits.
bool is_pci_address(std::string_view text) {
    const auto is_hex = [](std::string_view digits) {
        return digits.find_first_not_of("0123456789abcdef") == digits.npos;
    };
    const std::string_view domain = take_until(text, ':');
    const std::string_view bus = take_until(text, ':');
    const std::string_view slot = take_until(text, '.');
    return domain.size() >= 4 && domain.size() <= 8 && bus.size() == 2 && slot.size() == 2 &&
           text.size() == 1 && is_hex(domain) && is_hex(bus) && is_hex(slot) && text[0] >= '0' &&
           text[0] <= '7';
}

}  // namespace

const char* pci_kind(std::uint32_t class_code) {
    const auto row = std::find_if(std::begin(kClasses), std::end(kClasses),
                                  [&](const ClassRow& r) { return (class_code & r.mask) == r.value; });
    return row != std::end(kClasses) ? row->kind : nullptr;
}

std::string pci_address_in(std::string_view path) {
    std::string_view found;
    while (!path.empty()) {
        const std::string_view part = take_until(path, '/');
        if (is_pci_address(part)) found = part;
    }
    return std::string(found);
}

std::vector<PciFunction> read_pci(const Dir& sys, const std::set<std::string>& wanted) {
    std::vector<PciFunction> functions;
    const std::string bus = "bus/pci/devices";
    for (const std::string& address : sys.list(bus)) {
        if (!is_pci_address(address)) continue;
        const std::string path = bus + "/" + address;
        Identity identity = read_identity(sys, path);
        const bool is_wanted = wanted.find(address) != wanted.end();
        if (!is_wanted && (!identity.class_code || pci_kind(*identity.class_code) == nullptr)) continue;
        const auto device = sys.open(path);
        if (device == nullptr) continue;
        PciFunction function{address, identity.class_code.value_or(0)};
        function.vendor_id = static_cast<std::uint16_t>(identity.vendor_id);
        function.device_id = static_cast<std::uint16_t>(identity.device_id);
        function.driver = std::move(identity.driver);
        function.node = read_int(*device, "numa_node");
        if (function.node && *function.node < 0) function.node.reset();
        function.local_cpus = read_cpus(*device, "local_cpus", "local_cpulist").value_or(CpuSet{});
        function.irqs = numbered_entries(*device, "msi_irqs", "");
        functions.push_back(std::move(function));
    }
    return functions;
}

}  // namespace torque
