#include "base/parse.h"

#include <vector>

#include "catch.h"

using namespace torque;

TEST_CASE("numbers are digits and nothing else") {
    CHECK(parse_unsigned("0") == 0u);
    CHECK(parse_unsigned("18446744073709551615") == 18446744073709551615u);
    CHECK(parse_unsigned("7", 7) == 7u);
    for (const char* text : {"", " 1", "1 ", "+1", "-1", "0x1", "1.0", "18446744073709551616"}) {
        INFO(text);
        CHECK_FALSE(parse_unsigned(text).has_value());
    }
    CHECK_FALSE(parse_unsigned("8", 7).has_value());
    CHECK(parse_signed("-1") == -1);
    CHECK_FALSE(parse_signed("--1").has_value());
    CHECK(parse_hex("0xfF") == 255u);
    CHECK(parse_hex("ff") == 255u);
    CHECK_FALSE(parse_hex("0x").has_value());
    CHECK_FALSE(parse_hex("10000000000000000").has_value());
}

TEST_CASE("text is cut where it is asked to be") {
    std::string_view rest = "a,b,,c";
    CHECK(take_until(rest, ',') == "a");
    CHECK(take_until(rest, ',') == "b");
    CHECK(take_until(rest, ',').empty());
    CHECK(rest == "c");
    CHECK(take_until(rest, ',') == "c");
    CHECK(rest.empty());
    CHECK(trim_space(" \ta b\r\n") == "a b");
    CHECK(trim_space(" \n").empty());
}

TEST_CASE("what is printed of hostile text cannot harm a terminal") {
    CHECK(printable("a\x1b[31m\x7f\xff") == "a\\x1b[31m\\x7f\\xff");
    CHECK(printable("abcdef", 3) == "abc...");
}

TEST_CASE("the word that was meant is found, and no other") {
    const std::vector<std::string_view> words = {"--json", "--format", "--verbose"};
    CHECK(did_you_mean("--jsno", words) == "--json");
    CHECK(did_you_mean("--fromat", words) == "--format");
    CHECK_FALSE(did_you_mean("--xyzzy", words).has_value());
    CHECK(edit_distance("", "abc") == 3);
    CHECK(edit_distance("ab", "ba") == 1);
    CHECK(edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("a time is a number with a unit, or seconds") {
    CHECK(torque::parse_duration_ms("10s", 60'000) == 10'000);
    CHECK(torque::parse_duration_ms("1500ms", 60'000) == 1500);
    CHECK(torque::parse_duration_ms("1m", 60'000) == 60'000);
    CHECK(torque::parse_duration_ms("90", 90'000) == 90'000);
    CHECK(torque::parse_duration_ms("0", 0) == 0);
    CHECK_FALSE(torque::parse_duration_ms("61s", 60'000).has_value());
    CHECK_FALSE(torque::parse_duration_ms("1h", 60'000).has_value());
    for (const char* text : {"", "s", "-1s", "1.5s", "10 s", "1d", "99999999999999999999"}) {
        CHECK_FALSE(torque::parse_duration_ms(text, 60'000).has_value());
    }
}
