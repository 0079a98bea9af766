#include "sys/commands.h"

#include "catch.h"

using namespace torque;

TEST_CASE("commands: what a program says, and how it ends") {
    const auto commands = open_commands("");
    CHECK(commands->has("/bin/sh"));
    CHECK_FALSE(commands->has("/bin/no-such-program"));
    const auto said = commands->run({"/bin/sh", "-c", "cat; echo more >&2; exit 3"}, "in");
    REQUIRE(said.has_value());
    CHECK(said->status == 3);
    CHECK(said->out == "in");
    CHECK(said->err == "more\n");
    const auto killed = commands->run({"/bin/sh", "-c", "kill -9 $$"});
    REQUIRE(killed.has_value());
    CHECK(killed->status == 128 + 9);
    CHECK_FALSE(commands->run({"/bin/no-such-program"}).has_value());
}

TEST_CASE("commands: no shell looks at the words, and the environment is small") {
    const auto said = open_commands("")->run(
        {"/bin/sh", "-c", "printf %s \"$1\"; env | grep -c ^HOME", "x", "$(id) `id`;"});
    REQUIRE(said.has_value());
    CHECK(said->out == "$(id) `id`;0\n");
}

TEST_CASE("commands: a program that writes without end is ended") {
    const auto said =
        open_commands("")->run({"/bin/sh", "-c", "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxx; done"});
    REQUIRE_FALSE(said.has_value());
    CHECK(said.error().what == "it writes too much");
}
