#include "tune/boot_words.h"

#include "catch.h"

using torque::tune::boot_words;
using torque::tune::BootWord;
using torque::tune::canonical_name;
using torque::tune::plain_text;

namespace {

// "name=value" of each word, "|" between them, "!" before those that are init's.
std::string read(std::string_view line) {
    std::string out;
    for (const BootWord& word : boot_words(line)) {
        if (!out.empty()) out += '|';
        out += (word.for_init ? "!" : "") + plain_text(word);
    }
    return out;
}

}  // namespace

TEST_CASE("a boot line is cut into words as the kernel cuts it") {
    CHECK(read("root=/dev/sda1 ro  quiet ") == "root=/dev/sda1|ro|quiet");
    CHECK(read(" \ta\nb\n") == "a|b");
    CHECK(read("") == "");
    CHECK(read("x=\"a b\" y") == "x=a b|y");
    CHECK(read("\"x=a b\" y") == "x=a b|y");
    CHECK(read("\"x y\" z") == "x y|z");
    CHECK(read("x=\"a b") == "x=a b");        // the quote is never closed
    CHECK(read("x=a\" \"b") == "x=a\" \"b");  // in the middle of a value quotes stay
    CHECK(read("x=\"\"") == "x=");
    CHECK(read("x=\"") == "x=");
    CHECK(read("=a=b") == "=a=b");  // the first character is no sign
    CHECK(boot_words("=a=b")[0].name == "=a");
    CHECK(read(std::string_view("a\0b", 3)) == "a");
}

TEST_CASE("two dashes end the kernel's part") {
    CHECK(read("a -- b --c") == "a|!b|!--c");
    CHECK(read("a --b c") == "a|--b|c");
    CHECK(read("a --=x c") == "a|--=x|c");
    CHECK(read("a -- -- b") == "a|!--|!b");
}

TEST_CASE("a word knows where it stands") {
    const auto words = boot_words("  ro \"x=a b\" y");
    REQUIRE(words.size() == 3);
    CHECK(words[1].offset == 5);
    CHECK(words[1].length == 7);
    CHECK(words[2].offset == 13);
}

TEST_CASE("dashes in names are underscores") {
    CHECK(canonical_name("nohz-full") == "nohz_full");
    CHECK(canonical_name("rcutree.kthread-prio") == "rcutree.kthread_prio");
}
