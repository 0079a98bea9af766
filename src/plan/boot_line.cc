#include "plan/boot_line.h"

#include <string_view>

#include "base/format.h"
#include "base/parse.h"
#include "plan/kernel_list.h"

namespace torque::planning {
namespace {

constexpr int kStrideSavesMin = 64;     // characters; below that, plain lists are easier to read and copy
constexpr std::size_t kLineMax = 2048;  // COMMAND_LINE_SIZE on x86 and arm64, with the closing zero

Boot render(const Profile& profile, const Fillings& lists) {
    Boot boot;
    std::string line;
    for (const Parameter& parameter : profile.boot) {
        BootArg arg{parameter.name, fill_in(parameter.value, lists), parameter.why, parameter.price,
                    parameter.needs};
        if (!line.empty()) line += ' ';
        line += arg.name;
        if (!arg.value.empty()) line += '=' + arg.value;
        boot.args.push_back(std::move(arg));
    }
    if (!boot.args.empty()) boot.cmdline = std::move(line);
    return boot;
}

bool reads_back(const std::string& text, const CpuSet& meant, const CpuSet& possible) {
    const auto read = parse_kernel_list(text, possible.last() + 1);
    return read && *read == meant;
}

std::string_view name_of(std::string_view word) {
    return word.substr(0, word.find('='));
}

}  // namespace

Fillings fillings(const Division& division) {
    return {division.isolated.list(), division.housekeeping.list(), division.isolated.mask(),
            division.housekeeping.mask()};
}

std::string fill_in(std::string text, const Fillings& fillings) {
    const auto replace = [&text](std::string_view mark, const std::string& with) {
        for (std::size_t at = text.find(mark); at != text.npos; at = text.find(mark, at + with.size())) {
            text.replace(at, mark.size(), with);
        }
    };
    replace("{isolated}", fillings.isolated);
    replace("{housekeeping}", fillings.housekeeping);
    replace("{isolated_mask}", fillings.isolated_mask);
    replace("{housekeeping_mask}", fillings.housekeeping_mask);
    return text;
}

Result<BootLine> boot_line(const Profile& profile, const Division& division, const CpuSet& possible) {
    BootLine out;
    const Fillings plain = fillings(division);
    const Fillings strided{kernel_list(division.isolated), kernel_list(division.housekeeping),
                           plain.isolated_mask, plain.housekeeping_mask};
    for (const Fillings* lists : {&plain, &strided}) {
        if (!reads_back(lists->isolated, division.isolated, possible) ||
            !reads_back(lists->housekeeping, division.housekeeping, possible)) {
            return fail(formatted("the kernel would not read the lists {} and {} as the plan means them",
                                  lists->isolated, lists->housekeeping));
        }
    }
    out.boot = render(profile, plain);
    if (!out.boot.cmdline) return out;
    Boot shorter = render(profile, strided);
    out.saved = static_cast<int>(out.boot.cmdline->size()) - static_cast<int>(shorter.cmdline->size());
    const bool too_long = out.boot.cmdline->size() >= kLineMax;
    out.strided = out.saved > (too_long ? 0 : kStrideSavesMin);
    if (out.strided) out.boot = std::move(shorter);
    return out;
}

std::vector<std::string> boot_conflicts(const Boot& boot, const std::string& running) {
    std::vector<std::string> warnings;
    if (!boot.cmdline) return warnings;
    std::size_t kept = 0;  // characters of the running line that would stay
    std::string_view rest = trim_space(running);
    while (!rest.empty()) {
        const std::string_view word = trim_space(take_until(rest, ' '));
        bool ours = false;
        for (const BootArg& arg : boot.args) ours = ours || name_of(word) == arg.name;
        if (!ours) {
            kept += word.size() + 1;
            continue;
        }
        warnings.push_back(formatted(
            "the running kernel was booted with {}: take it off the boot line when you add the new one",
            printable(word, 200)));
    }
    const std::size_t length = kept + boot.cmdline->size();
    if (length >= kLineMax) {
        warnings.push_back(formatted("the boot line would be {} characters long; kernels cut it after {}",
                                     length, kLineMax - 1));
    }
    return warnings;
}

}  // namespace torque::planning
