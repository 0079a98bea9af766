// torque.machine/1 documents: what is accepted is a machine like any other.
#include "torque/json.h"

#include "machine.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    const auto machine = torque::parse_machine(text, "fuzz");
    if (machine) fuzz::check_machine(*machine, torque::Profile{"fuzz", "", {}, {}}, fuzz::Draw(text));
    return 0;
}
