
#include <vector>

#include "base/format.h"
#include "base/parse.h"
#include "layout/builtin_profiles.h"
#include "sys/text_file.h"
#include "torque/discover.h"
#include "torque/json.h"

namespace torque {

Result<Profile> find_profile(const std::string& name) {
    const bool is_file = name.find('/') != name.npos || name.ends_with(".json");
    if (is_file) {
        constexpr std::size_t kProfileBytesMax = std::size_t{1} << 20;
        const Result<std::string> text = read_text_file(name, kProfileBytesMax);
        if (!text) return tl::unexpected<Error>(text.error());
        return parse_profile(*text, name);
    }
    std::vector<std::string_view> names;
    for (const BuiltinProfile& profile : builtin_profiles()) {
        if (profile.name == name) return parse_profile(profile.text, name);
        names.push_back(profile.name);
    }
    const auto meant = did_you_mean(name, names);
    return fail(formatted("there is no profile \"{}\"", printable(name)), {},
                meant ? formatted("did you mean --profile {}?", *meant)
                      : formatted("the profiles are: {}; a file of your own needs a slash or ends in .json",
                                  joined(names, ", ")),
                ErrorKind::usage);
}

}  // namespace torque
