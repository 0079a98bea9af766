// Text dumps of CPUID: whatever registers they claim is some machine, with names and findings.
#include "machine.h"
#include "machine/build.h"
#include "sys/cpuid_dump.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    torque::looks_like_cpuid_text(text);
    auto source = torque::cpuid_from_text(text, "fuzz");
    if (!source) return 0;
    torque::Host host;
    host.name = "fuzz";
    host.cpuid = std::move(*source);
    const auto machine = torque::build_machine(host);
    if (machine) fuzz::check_machine(*machine, torque::Profile{"fuzz", "", {}, {}}, fuzz::Draw(text));
    return 0;
}
