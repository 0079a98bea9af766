#include "torque/json.h"

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

TEST_CASE("a value with a brace that is no placeholder is an error") {
    const auto read = [](const std::string& value) {
        return torque::parse_profile(
            "{\"schema\": \"torque.profile/1\", \"name\": \"x\", \"description\": \"y\", \"runtime\": [],\n"
            " \"boot\": [{\"name\": \"a\", \"value\": \"" +
                value + "\", \"why\": \"z\"}]}",
            "mine.json");
    };
    for (const char* good : {"", "1", "{isolated}", "a,{housekeeping},{isolated_mask}{housekeeping_mask}"}) {
        INFO(good);
        REQUIRE(read(good));
        CHECK(read(good)->boot[0].value == good);
    }
    for (const char* wrong :
         {"{isolated", "isolated}", "{}", "{Isolated}", "{isolated}}", "{{isolated}", "{workers}"}) {
        INFO(wrong);
        REQUIRE_FALSE(read(wrong));
        CHECK(read(wrong).error().where == "mine.json: /boot/0/value");
    }
    CHECK(read("{isolatd}").error().hint == "did you mean \"{isolated}\"?");
}

TEST_CASE("what cannot stand on a boot line or is no file of the kernel is an error") {
    const auto where = [](const std::string& boot, const std::string& runtime) {
        const auto profile = torque::parse_profile(
            "{\"schema\": \"torque.profile/1\", \"name\": \"x\", \"description\": \"y\", \"boot\": [" + boot +
                "], \"runtime\": [" + runtime + "]}",
            "mine.json");
        return profile ? std::string() : profile.error().where;
    };
    const auto parameter = [&](const std::string& name, const std::string& value) {
        return where("{\"name\": \"" + name + "\", \"value\": \"" + value + "\", \"why\": \"z\"}", "");
    };
    const auto knob = [&](const std::string& path) {
        return where("", "{\"path\": \"" + path + "\", \"value\": \"a b\", \"why\": \"z\"}");
    };
    CHECK(parameter("quiet", "").empty());
    CHECK(parameter("", "1") == "mine.json: /boot/0/name");
    CHECK(parameter("a=b", "1") == "mine.json: /boot/0/name");
    CHECK(parameter("a b", "1") == "mine.json: /boot/0/name");
    CHECK(parameter("a", "1 init=/bin/sh") == "mine.json: /boot/0/value");
    CHECK(parameter("a", "\\u001b[2J") == "mine.json: /boot/0/value");
    CHECK(knob("/sys/kernel/mm/ksm/run").empty());
    CHECK(knob("/etc/passwd") == "mine.json: /runtime/0/path");
    CHECK(knob("/proc/../etc/passwd") == "mine.json: /runtime/0/path");
    CHECK(knob("sys/x") == "mine.json: /runtime/0/path");
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
