// The server's command line, a line for each argument, and its address: accepted within the bounds, or
// refused.
#include "serve/options.h"

#include <vector>

#include "base/parse.h"
#include "claim.h"
#include "serve/listen_address.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(fuzz::text_of(data, size));
    std::vector<std::string> words;
    for (std::string_view rest = text; !rest.empty() && words.size() < 20;) {
        words.emplace_back(torque::take_line(rest));
    }
    std::vector<const char*> arguments{"torque-serve"};
    for (const std::string& word : words) arguments.push_back(word.c_str());
    const auto options = torque::serve::parse_options(arguments);
    if (!options) return 0;
    fuzz::claim(options->idle_timeout_ms >= 1000 && options->idle_timeout_ms <= 24 * 3600 * 1000,
                "1 s to 24 h");
    const auto address = torque::serve::parse_listen_address(options->listen);
    if (!address) return 0;
    const std::string written = torque::serve::address_text(*address);
    const auto again = torque::serve::parse_listen_address(written);
    fuzz::claim(again && torque::serve::address_text(*again) == written,
                "an address is read as it was written");
    return 0;
}
