#include "emit/text.h"
#include "base/format.h"

namespace torque::emit {
namespace {

constexpr std::string_view kAlphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

bool is_of(char c, std::string_view more) {
    return kAlphanumeric.find(c) != kAlphanumeric.npos || more.find(c) != more.npos;
}

bool all_of(std::string_view text, std::string_view more) {
    for (const char c : text) {
        if (!is_of(c, more)) return false;
    }
    return true;
}

// For a comment: no line ends, and no "--", which XML comments may not hold.
std::string tame(std::string_view text) {
    constexpr std::size_t kMax = 64;
    std::string out;
    for (const char c : text.substr(0, kMax)) {
        const bool kept = is_of(c, "_-.:+") && !(c == '-' && out.ends_with('-'));
        out += kept ? c : '?';
    }
    return out;
}

std::string joined(const std::vector<BootWord>& words, std::string BootWord::*member,
                   std::string_view separator) {
    std::string out;
    for (const BootWord& word : words) {
        if (!out.empty()) out += separator;
        out += word.*member;
    }
    return out;
}

}  // namespace

std::string worker_cpus(const Layout& layout, std::string_view separator) {
    std::string out;
    for (const Worker& worker : layout.workers) {
        if (!out.empty()) out += separator;
        out += std::to_string(worker.cpu.value);
    }
    return out;
}

CpuSet program_cpus(const Layout& layout) {
    CpuSet cpus = layout.isolated;
    for (const Worker& worker : layout.workers) cpus.add(worker.cpu);
    return cpus;
}

CpuSet memory_nodes(const Layout& layout) {
    CpuSet nodes;
    for (const Worker& worker : layout.workers) {
        for (const NodeId node : worker.memory_nodes) nodes.add(node.value);
    }
    return nodes;
}

std::string spaced_list(const CpuSet& cpus) {
    std::string list = cpus.list();
    for (char& c : list) {
        if (c == ',') c = ' ';
    }
    return list;
}

std::string hwloc_mask(const CpuSet& cpus) {
    std::string mask = "0x";
    for (const char c : cpus.mask()) {
        mask += c;
        if (c == ',') mask += "0x";
    }
    return mask;
}

Result<std::vector<BootWord>> boot_words(const Layout& layout) {
    std::vector<BootWord> words;
    for (const BootArg& arg : layout.boot.args) {
        const bool named = !arg.name.empty() && is_of(arg.name.front(), "");
        if (!named || !all_of(arg.name, "_-.") || !all_of(arg.value, "_-.,:/=+@")) {
            return fail("a boot parameter holds a character that a shell or a boot loader could misread",
                        formatted("/boot/args/{}", words.size()),
                        "names are letters, digits and _-. and values these and ,:/=+@");
        }
        words.push_back({arg.name, arg.value.empty() ? arg.name : arg.name + '=' + arg.value});
    }
    if (joined_texts(words) != layout.boot.cmdline.value_or("")) {
        return fail("the boot line is not what its parameters make", "/boot/cmdline",
                    "write the layout anew with 'torque-topo plan'");
    }
    return words;
}

Result<std::string> plain_fingerprint(const Layout& layout) {
    constexpr std::size_t kMax = 63;  // of a label's value in Kubernetes
    const std::string& text = layout.machine.fingerprint;
    if (!text.empty() && text.size() <= kMax && all_of(text, "")) return text;
    return fail("the fingerprint is none that torque makes", "/machine/fingerprint",
                "write the layout anew with 'torque-topo plan'");
}

std::string joined_texts(const std::vector<BootWord>& words, std::string_view separator) {
    return joined(words, &BootWord::text, separator);
}

std::string joined_names(const std::vector<BootWord>& words, std::string_view separator) {
    return joined(words, &BootWord::name, separator);
}

std::string plan_name(const Layout& layout) {
    const std::size_t workers = layout.workers.size();
    return formatted("the plan for machine {}, profile {}, {} worker{}", tame(layout.machine.fingerprint),
                     tame(layout.profile), workers, workers == 1 ? "" : "s");
}

std::string head(const Layout& layout, std::string_view mark, std::initializer_list<std::string_view> lines) {
    std::string out = formatted("{}By torque-topo, from {}.\n", mark, plan_name(layout));
    for (const std::string_view line : lines) out += formatted("{}{}\n", mark, line);
    return out;
}

}  // namespace torque::emit
