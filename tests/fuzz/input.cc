// Files of any content as --input takes them: recognised, opened, and read as far as this process does it.
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "machine.h"
#include "machine/build.h"
#include "sys/host.h"
#include "torque/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    const torque::Fd file(::memfd_create("fuzz", MFD_CLOEXEC));
    if (::write(file.get(), data, size) != static_cast<ssize_t>(size)) std::abort();
    const auto input = torque::open_input("/proc/self/fd/" + std::to_string(file.get()));
    if (!input) {
        fuzz::claim(!input.error().what.empty() && !input.error().where.empty(), "errors say what and where");
        return 0;
    }
    const torque::Profile profile{"fuzz", "", {}, {}};
    if (const auto* host = std::get_if<torque::Host>(&*input)) {
        const auto machine = torque::build_machine(*host);
        if (machine) fuzz::check_machine(*machine, profile, fuzz::Draw(text));
    } else if (const auto& document = std::get<torque::Document>(*input);
               document.kind == torque::Document::Kind::json) {
        const auto machine = torque::parse_machine(document.text, document.name);
        if (machine) fuzz::check_machine(*machine, profile, fuzz::Draw(text));
    }
    return 0;
}
