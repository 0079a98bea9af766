#include "probes/irq.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "probes/read.h"

namespace torque {
namespace {

constexpr std::size_t kIrqsMax = 1 << 14;

// " 28:   0   935  PCI-MSIX-0000:00:01.0   3-edge      virtio0-stats": what follows the last wide gap.
std::map<int, std::string> names_in_interrupts(const Dir& root) {
    std::map<int, std::string> names;
    const auto text = root.read("proc/interrupts");
    for (std::string_view rest = text ? std::string_view(*text) : std::string_view{}; !rest.empty();) {
        std::string_view line = take_line(rest);
        const auto number = parse_unsigned(trim_space(take_until(line, ':')), INT32_MAX);
        line = trim_space(line);
        const std::size_t gap = line.rfind("  ");
        if (!number || gap == line.npos) continue;
        const std::string_view name = trim_space(line.substr(gap));
        const bool is_count =
            parse_unsigned(name).has_value();  // a line without a handler ends in its counts
        if (!is_count) names.emplace(static_cast<int>(*number), name);
    }
    return names;
}

bool take_word(std::string_view& text, std::string_view word) {
    if (!text.starts_with(word)) return false;
    text.remove_prefix(word.size());
    return true;
}

bool take_digits(std::string_view& text) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(end);
    return end > 0;
}

// The queues of drivers that let the kernel manage them all, by the names that these drivers give: "nvme0q1"
// (drivers/nvme/host/pci.c; q0 is for administration), "virtio3-req.0" (drivers/block/virtio_blk.c),
// "virtio3-request" (drivers/scsi/virtio_scsi.c). Where queues share an interrupt, it is not managed and has
// other names, or several.
bool is_managed_by_name(std::string_view name) {
    if (take_word(name, "nvme"))
        return take_digits(name) && take_word(name, "q") && !name.starts_with('0') && take_digits(name) &&
               name.empty();
    if (!take_word(name, "virtio") || !take_digits(name)) return false;
    return name == "-request" || (take_word(name, "-req.") && take_digits(name) && name.empty());
}

class IrqReader {
  public:
    explicit IrqReader(const Dir& root)
        : proc_(root.open("proc/irq")),
          sys_(root.open("sys/kernel/irq")),
          debug_(root.open("sys/kernel/debug/irq/irqs")) {
        if (sys_ == nullptr) names_ = names_in_interrupts(root);
    }

    std::optional<Irq> read(int number) const {
        const std::string id = std::to_string(number);
        Irq irq;
        irq.irq = number;
        irq.name = name_of(number, id);
        const auto cpus = proc_ != nullptr ? read_cpu_list(*proc_, id + "/smp_affinity_list") : std::nullopt;
        if (!cpus && irq.name.empty()) return std::nullopt;
        if (cpus) irq.cpus = *cpus;
        if (proc_ != nullptr) irq.effective_cpus = read_cpu_list(*proc_, id + "/effective_affinity_list");
        if (const auto state = debug_ != nullptr ? debug_->read(id) : std::nullopt) {
            irq.managed = state->find("IRQD_AFFINITY_MANAGED") != state->npos;
        } else if (is_managed_by_name(irq.name)) {
            irq.managed = true;
        }
        return irq;
    }

  private:
    // The handlers' names; an interrupt that none listens to has none.
    std::string name_of(int number, const std::string& id) const {
        if (sys_ != nullptr) return sys_->read(id + "/actions").value_or("");
        const auto name = names_.find(number);
        return name != names_.end() ? name->second : std::string{};
    }

    std::unique_ptr<Dir> proc_, sys_, debug_;
    std::map<int, std::string> names_;
};

}  // namespace

std::vector<Irq> read_irqs(const Dir& root, std::vector<int> numbers) {
    std::vector<Irq> irqs;
    if (numbers.empty()) return irqs;
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    if (numbers.size() > kIrqsMax) numbers.resize(kIrqsMax);
    const IrqReader reader(root);
    for (int number : numbers) {
        if (auto irq = reader.read(number)) irqs.push_back(std::move(*irq));
    }
    return irqs;
}

}  // namespace torque
