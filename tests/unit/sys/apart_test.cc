#include "sys/apart.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <vector>

#include "catch.h"

using torque::Result;
using torque::run_apart;

TEST_CASE("what is done apart comes back, be it a value or an error") {
    CHECK(run_apart([]() -> Result<std::string> { return std::string("a\0b", 3); }, "n").value() ==
          std::string("a\0b", 3));
    CHECK(run_apart([]() -> Result<std::string> { return std::string(1 << 20, 'x'); }, "n").value().size() ==
          1 << 20);
    const auto failed =
        run_apart([]() -> Result<std::string> { return torque::fail("what", "where", "hint"); }, "n");
    REQUIRE_FALSE(failed);
    CHECK(failed.error().what == "what");
    CHECK(failed.error().where == "where");
    CHECK(failed.error().hint == "hint");
}

TEST_CASE("a crash, an endless loop and too large a result end the child alone") {
    const auto crashed = run_apart(
        []() -> Result<std::string> {
            ::raise(SIGSEGV);
            return std::string();
        },
        "n");
    REQUIRE_FALSE(crashed);
    CHECK(crashed.error().where == "n");
    torque::ApartLimits limits;
    limits.processor_seconds_max = 1;
    CHECK_FALSE(run_apart(
        []() -> Result<std::string> {
            for (volatile bool go = true; go;) {
            }
            return std::string();
        },
        "n", limits));
    limits.result_bytes_max = 1000;
    CHECK_FALSE(run_apart([]() -> Result<std::string> { return std::string(1001, 'x'); }, "n", limits));
}
