
#include <algorithm>
#include <vector>

#include "base/format.h"
#include "base/parse.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "layout/builtin_profiles.h"
#include "layout/json_text.h"
#include "torque/json.h"

namespace torque {
namespace {

// All of them, by name.
Result<std::vector<Profile>> read_profiles() {
    std::vector<Profile> profiles;
    for (const BuiltinProfile& builtin : builtin_profiles()) {
        Result<Profile> profile = parse_profile(builtin.text, std::string(builtin.name));
        if (!profile) return tl::unexpected<Error>(profile.error());
        profiles.push_back(std::move(*profile));
    }
    return profiles;
}

std::string list_json(const std::vector<Profile>& profiles) {
    JsonText out;
    out.begin_object(JsonText::Form::lines).member("schema", "torque.profiles/1");
    out.table("profiles", profiles, [](JsonText& row, const Profile& profile) {
        row.begin_object().member("name", profile.name).member("description", profile.description).end();
    });
    return out.end().take();
}

std::string list_text(const std::vector<Profile>& profiles) {
    std::size_t width = 0;
    for (const Profile& profile : profiles) width = std::max(width, profile.name.size());
    std::string text;
    for (const Profile& profile : profiles) {
        text += formatted("{:<{}}  {}\n", profile.name, width, profile.description);
    }
    return text;
}

std::string profile_json(const Profile& profile) {
    JsonText out;
    out.begin_object(JsonText::Form::lines).member("schema", "torque.profile/1");
    out.member("name", profile.name).member("description", profile.description);
    out.table("boot", profile.boot, [](JsonText& row, const Parameter& parameter) {
        row.begin_object().member("name", parameter.name).member("value", parameter.value);
        row.member("why", parameter.why)
            .member("price", parameter.price)
            .member("needs", parameter.needs)
            .end();
    });
    out.table("runtime", profile.runtime, [](JsonText& row, const RuntimeKnob& knob) {
        row.begin_object()
            .member("path", knob.path)
            .member("value", knob.value)
            .member("why", knob.why)
            .end();
    });
    return out.end().take();
}

void add_line(std::string& text, const char* label, const std::string& value) {
    if (!value.empty()) text += formatted("    {:<5}  {}\n", label, value);
}

std::string profile_text(const Profile& profile) {
    std::string text = formatted("{}: {}\n", profile.name, profile.description);
    if (!profile.boot.empty()) text += "\non the boot line:\n";
    for (const Parameter& parameter : profile.boot) {
        text += formatted("  {}{}{}\n", parameter.name, parameter.value.empty() ? "" : "=", parameter.value);
        add_line(text, "why", parameter.why);
        add_line(text, "price", parameter.price);
        add_line(text, "needs", parameter.needs);
    }
    if (!profile.runtime.empty()) text += "\nin the running system:\n";
    for (const RuntimeKnob& knob : profile.runtime) {
        text += formatted("  {} = {}\n", knob.path, knob.value);
        add_line(text, "why", knob.why);
    }
    return text;
}

Error unknown_profile(const std::string& name, const std::vector<Profile>& profiles) {
    std::vector<std::string> names;
    for (const Profile& profile : profiles) names.push_back(profile.name);
    const auto meant = did_you_mean(name, names);
    return {formatted("there is no profile \"{}\"", printable(name)),
            {},
            meant ? formatted("did you mean {}?", *meant)
                  : formatted("the profiles are: {}", joined(names, ", ")),
            ErrorKind::usage};
}

}  // namespace

Result<void> run_profiles(const ProfilesOptions& options) {
    const Result<std::vector<Profile>> profiles = read_profiles();
    if (!profiles) return tl::unexpected<Error>(profiles.error());
    if (options.name.empty()) {
        return write_output(options.output, options.json ? list_json(*profiles) : list_text(*profiles));
    }
    const auto found = std::find_if(profiles->begin(), profiles->end(),
                                    [&](const Profile& profile) { return profile.name == options.name; });
    if (found == profiles->end()) return tl::unexpected<Error>(unknown_profile(options.name, *profiles));
    return write_output(options.output, options.json ? profile_json(*found) : profile_text(*found));
}

}  // namespace torque
