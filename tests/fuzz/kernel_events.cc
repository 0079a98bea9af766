// What the kernel tells torque-serve: a uevent, and inotify events about one file. Whatever the bytes are,
// the numbers are bounded, and what is said follows from the bytes that were there.
#include <string>

#include "claim.h"
#include "serve/layout_watch.h"
#include "sys/uevent.h"

using namespace torque;
using namespace torque::serve;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string exact(fuzz::text_of(data, size));  // its own allocation: a read beyond it is seen
    if (const auto event = parse_uevent(exact)) {
        fuzz::claim(event->number >= 0 && event->number <= 1 << 30, "a number that a CPU or block can have");
        fuzz::claim(exact.find("ACTION=") != exact.npos && exact.back() == '\0', "a whole message");
    }
    const LayoutChange change = judge_inotify(exact, "layout.json");
    fuzz::claim(change == LayoutChange::none || size >= 16, "an event has 16 bytes");
    return 0;
}
