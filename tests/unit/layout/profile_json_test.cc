#include "layout/profile_json.h"

#include "catch.h"
#include "layout/builtin_profiles.h"

TEST_CASE("every profile that is compiled in is sound, and named as its file") {
    REQUIRE_FALSE(torque::builtin_profiles().empty());
    for (const torque::BuiltinProfile& builtin : torque::builtin_profiles()) {
        INFO(builtin.name);
        const auto profile = torque::parse_profile(builtin.text, std::string(builtin.name));
        REQUIRE(profile.has_value());
        CHECK(profile->name == builtin.name);
        for (const torque::Parameter& parameter : profile->boot) CHECK_FALSE(parameter.why.empty());
    }
}

TEST_CASE("a wrong key in a profile is an error that names the right one") {
    const auto profile = torque::parse_profile(
        "// mine\n{\"schema\": \"torque.profile/1\", \"name\": \"x\", \"description\": \"y\",\n"
        " \"boot\": [{\"name\": \"quiet\", \"vlaue\": \"1\", \"why\": \"z\"}], \"runtime\": []}",
        "mine.json");
    REQUIRE_FALSE(profile.has_value());
    CHECK(profile.error().where == "mine.json: /boot/0");
    CHECK(profile.error().hint == "did you mean \"value\"?");
}
