#include "sys/apart.h"

#include "catch.h"

using torque::Result;
using torque::run_apart;

namespace {

// A shell in torque-apart's place.
Result<std::string> run_shell(const std::string& script, std::string_view input = {}) {
    return run_apart({"-c", script}, input, "n",
                     {"/nonexistent/torque-apart", "/bin/sh/not-a-folder", "/bin/sh"});
}

}  // namespace

TEST_CASE("what is answered apart comes back, be it a value or an error") {
    CHECK(run_shell(R"(printf 'va\0b')").value() == std::string("a\0b", 3));
    CHECK(run_shell("printf v").value().empty());
    const auto failed = run_shell(R"(printf 'ewhat\0where\0hint')");
    REQUIRE_FALSE(failed);
    CHECK(failed.error().what == "what");
    CHECK(failed.error().where == "where");
    CHECK(failed.error().hint == "hint");
}

TEST_CASE("more than a pipe holds goes there and back, and need not be read") {
    const std::string input = "v" + std::string(8 << 20, 'x');
    const auto echoed = run_shell("cat", input);
    REQUIRE(echoed);
    CHECK(*echoed == input.substr(1));
    CHECK(run_shell("printf vunread", input).value() == "unread");
}

TEST_CASE("a crash, nonsense and too large an answer are errors that name the input") {
    for (const char* script : {"kill -SEGV $$", "printf v; exit 1", "printf v; kill -KILL $$", "printf w",
                               "true", "head -c 70000000 /dev/zero | tr '\\0' v"}) {
        INFO(script);
        const auto failed = run_shell(script);
        REQUIRE_FALSE(failed);
        CHECK(failed.error().where == "n");
    }
}

TEST_CASE("where there is no torque-apart, the error says where it was looked for") {
    const auto failed = run_apart({"xml", "n"}, "", "n", {"/nonexistent/a", "/nonexistent/b"});
    REQUIRE_FALSE(failed);
    CHECK(failed.error().where == "torque-apart");
    CHECK(failed.error().what.find("/nonexistent/a, /nonexistent/b") != std::string::npos);
    CHECK_FALSE(failed.error().hint.empty());
}

TEST_CASE("torque-apart is looked for beside this program first") {
    const auto programs = torque::apart_programs();
    REQUIRE(programs.size() >= 2);
    CHECK(programs[0].ends_with("/tests/torque-apart"));
    CHECK(programs[1].ends_with("/libexec/torque/torque-apart"));
    CHECK(programs[1].find("..") == std::string::npos);
}
