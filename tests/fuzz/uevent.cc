// Messages of the kernel about devices: one line of printable text, or nothing.
#include "sys/uevent.h"

#include <algorithm>

#include "claim.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto said = torque::hotplug_of(fuzz::text_of(data, size));
    if (!said) return 0;
    fuzz::claim(std::all_of(said->begin(), said->end(), [](char c) { return c >= ' ' && c <= '~'; }),
                "what is said is printable");
    fuzz::claim(said->size() < 100, "what is said is short");
    return 0;
}
