#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "catch.h"
#include "machine/findings.h"

namespace {

std::string read(const std::filesystem::path& path) {
    std::ostringstream text;
    const std::ifstream file(path);
    REQUIRE(file.good());
    text << file.rdbuf();
    return text.str();
}

std::set<std::string> matches(const std::string& text, const char* pattern) {
    std::set<std::string> found;
    const std::regex regex(pattern);
    for (std::sregex_iterator at(text.begin(), text.end(), regex), end; at != end; ++at)
        found.insert((*at)[1]);
    return found;
}

}  // namespace

TEST_CASE("every finding is in the manual page, and every one in the page exists") {
    const std::filesystem::path root = TORQUE_ROOT;
    std::set<std::string> raised;
    for (const torque::Check& check : torque::checks()) {
        CHECK(raised.insert(check.id).second);
        CHECK(std::regex_match(check.id, std::regex("[a-z]+[a-z0-9]*(-[a-z0-9]+)+")));
    }
    const std::size_t tabled = raised.size();
    for (const auto& file : std::filesystem::directory_iterator(root / "src/machine")) {
        if (file.path().extension() != ".cc") continue;
        raised.merge(matches(read(file.path()), R"(findings\.push_back\(\s*\{\s*"([a-z0-9-]+)\")"));
    }
    CHECK(raised.size() > tabled);  // the pattern still finds those of from_cpuid and compute_units
    const std::string page = read(root / "man/torque-findings.7");
    const std::size_t begin = page.find("\n.Sh SOURCES THAT DISAGREE\n");
    REQUIRE(begin != std::string::npos);
    CHECK(matches(page.substr(begin), R"(\n\.It Cm ([a-z0-9-]+))") == raised);
}
