#include "base/given_words.h"

#include <initializer_list>

#include "catch.h"

using namespace torque;

namespace {

constexpr OptionText kTable[] = {
    {"WHERE", {}, "where"}, {"-c,--count", "N", "how many"}, {"-q,--quiet", {}, "say nothing"}};

Result<std::vector<GivenWord>> read(std::initializer_list<const char*> words) {
    return read_words("prog", kTable, {words.begin(), words.size()});
}

void refuses(std::initializer_list<const char*> words, const char* what,
             const char* hint = "prog --help lists the options") {
    const auto read_them = read(words);
    REQUIRE(!read_them);
    CHECK(read_them.error().what == what);
    CHECK(read_them.error().hint == hint);
    CHECK(read_them.error().kind == ErrorKind::usage);
}

}  // namespace

TEST_CASE("words are told by the row that they are of, in the order given") {
    const auto words = read({"prog", "-c", "4", "here", "--count=5", "--quiet", "--count", "-q"});
    REQUIRE(words);
    REQUIRE(words->size() == 5);
    const std::size_t rows[] = {1, 0, 1, 2, 1};
    const char *names[] = {"-c", "", "--count", "--quiet", "--count"},
               *values[] = {"4", "here", "5", "", "-q"};
    for (std::size_t i = 0; i < words->size(); ++i) {
        CHECK((*words)[i].row == rows[i]);
        CHECK((*words)[i].name == names[i]);
        CHECK((*words)[i].value == values[i]);
    }
}

TEST_CASE("nothing but the program's name is no word, and an empty value is one") {
    CHECK(read({"prog"})->empty());
    CHECK(read({})->empty());
    CHECK(read({"prog", "--count="})->front().value.empty());
    CHECK(read({"prog", "--count", ""})->size() == 1);
}

TEST_CASE("words of a command line that mean nothing are refused") {
    refuses({"prog", "--cuont", "4"}, "unknown option '--cuont'", "did you mean --count?");
    refuses({"prog", "-x"}, "unknown option '-x'");
    refuses({"prog", "-c=4"}, "unknown option '-c=4'");
    refuses({"prog", "--count"}, "--count needs a value");
    refuses({"prog", "--quiet=yes"}, "--quiet takes no value");
    const char* const extra[] = {"prog", "extra"};
    const auto no_argument = read_words("prog", std::span(kTable).subspan(1), extra);
    REQUIRE(!no_argument);
    CHECK(no_argument.error().what == "unexpected argument 'extra'");
}
