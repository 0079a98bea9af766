// Text dumps of CPUID: whatever registers they claim decode to some machine.
#include <cstdint>
#include <string_view>

#include "machine/from_cpuid.h"
#include "probes/cpuid.h"
#include "sys/cpuid_dump.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    torque::looks_like_cpuid_text(text);
    const auto source = torque::cpuid_from_text(text, "fuzz");
    if (source) torque::machine_from_cpuid(torque::read_cpuid(**source, torque::CpuidReading::every_cpu));
    return 0;
}
