// What `gather` leaves out of texts: nothing that was left out comes back, and nothing is left to leave out.
#include "cli/gather_clean.h"

#include "claim.h"

namespace {

// Letters and digits that no parameter's name holds, behind one that nobody knows.
constexpr const char* kSecret = "0123456789SECRET";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(fuzz::text_of(data, size));
    for (const auto clean : {torque::clean_cmdline, torque::clean_cpuinfo, torque::clean_version,
                             torque::clean_sysinfo, torque::clean_nvidia, torque::clean_mounts}) {
        const std::string cleaned = clean(text);
        fuzz::claim(clean(cleaned) == cleaned, "what is clean stays as it is");
    }
    fuzz::claim(torque::clean_pci_config(text).size() == 64, "a header has its size");
    const std::string known = torque::clean_cmdline(text);
    if (known.find(kSecret) == known.npos) {
        const std::string line = torque::clean_cmdline(std::string("password=") + kSecret + ' ' + text);
        fuzz::claim(line.find(kSecret) == line.npos, "the value of an unknown parameter is left out");
    }
    return 0;
}
