#include "probes/hypervisor.h"

#include <string_view>

#include "base/parse.h"

namespace torque {
namespace {

struct Row {
    std::string_view text, name;
};

// DMI's sys_vendor, by its beginning. Vendors that sell hardware too are told by the product.
constexpr Row kVendors[] = {
    {"QEMU", "KVM"},  // or plain QEMU: firmware cannot tell
    {"VMware", "VMware"},
    {"innotek GmbH", "VirtualBox"},
    {"Xen", "Xen"},
    {"Bochs", "Bochs"},
    {"Parallels", "Parallels"},
    {"BHYVE", "bhyve"},
    {"FreeBSD", "bhyve"},
    {"OpenStack", "KVM"},
    {"DigitalOcean", "KVM"},
    {"Alibaba Cloud", "KVM"},
    {"Nutanix", "KVM"},
};
constexpr Row kProducts[] = {
    {"KVM", "KVM"},
    {"VMware", "VMware"},
    {"VirtualBox", "VirtualBox"},
    {"Virtual Machine", "Hyper-V"},
    {"HVM domU", "Xen"},
    {"BHYVE", "bhyve"},
    {"Google Compute Engine", "KVM"},
    {"OpenStack", "KVM"},
    {"CloudStack KVM", "KVM"},
    {"Apple Virtualization", "Apple Virtualization"},
};
// "compatible" of the device tree's node /hypervisor.
constexpr Row kDeviceTree[] = {
    {"linux,kvm", "KVM"},
    {"xen,", "Xen"},
    {"vmware", "VMware"},
    {"microsoft,hyperv", "Hyper-V"},
};
// The line "VM00 Control Program:" of s390.
constexpr Row kControlPrograms[] = {{"z/VM", "z/VM"}, {"KVM", "KVM"}};

template <std::size_t N>
std::optional<std::string> look_up(const Row (&rows)[N], std::string_view text) {
    for (const Row& row : rows) {
        if (text.starts_with(row.text)) return std::string(row.name);
    }
    return std::nullopt;
}

std::optional<std::string> by_type(const Dir& root) {
    const auto type = root.read("sys/hypervisor/type");
    if (!type || type->empty()) return std::nullopt;
    if (*type == "xen") return "Xen";
    return printable(*type);
}

std::optional<std::string> by_dmi(const Dir& root) {
    const auto dmi = root.open("sys/class/dmi/id");
    if (dmi == nullptr) return std::nullopt;
    const std::string vendor = dmi->read("sys_vendor").value_or("");
    if (auto name = look_up(kVendors, vendor)) return name;
    const std::string product = dmi->read("product_name").value_or("");
    if (vendor.starts_with("Amazon EC2")) {  // Xen guests say Xen there; "m5.metal" is no guest
        return product.ends_with(".metal") || product.find(".metal-") != product.npos
                   ? std::nullopt
                   : std::optional<std::string>("KVM");
    }
    return look_up(kProducts, product);
}

std::optional<std::string> by_device_tree(const Dir& root) {
    const auto tree = root.open("proc/device-tree");
    if (tree == nullptr) return std::nullopt;
    if (const auto compatible = tree->read("hypervisor/compatible")) {
        if (auto name = look_up(kDeviceTree, *compatible)) return name;
    }
    const std::string machine = tree->read("compatible").value_or("");
    if (machine.find("qemu,pseries") != machine.npos) return "KVM";
    // A logical partition under IBM's firmware; absent under OPAL, which is bare metal.
    if (tree->read("ibm,partition-name") && tree->read("hmc-managed?")) return "PowerVM";
    return std::nullopt;
}

std::optional<std::string> by_sysinfo(const Dir& root) {
    const auto text = root.read("proc/sysinfo");
    for (std::string_view rest = text ? std::string_view(*text) : std::string_view{}; !rest.empty();) {
        std::string_view value = take_line(rest);
        if (take_until(value, ':') == "VM00 Control Program")
            return look_up(kControlPrograms, trim_space(value));
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> read_hypervisor(const Dir& root) {
    for (const auto ask : {by_type, by_dmi, by_device_tree, by_sysinfo}) {
        if (auto name = ask(root)) return name;
    }
    return std::nullopt;
}

}  // namespace torque
