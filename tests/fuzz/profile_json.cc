// Profiles: accepted or refused, nothing else.
#include "layout/profile_json.h"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    (void)torque::parse_profile({reinterpret_cast<const char*>(data), size}, "fuzz");
    return 0;
}
