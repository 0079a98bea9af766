// Results of measure, read back: what is taken, and what is refused at its place.
#include "layout/measured_json.h"

#include <string>

#include "catch.h"

using namespace torque;

namespace {

const std::string kCores = R"({"schema": "torque.measure/1", "what": "cores", "source": "live", "cpus": "0-3",
"levels": [{"likely": "llc", "latency_ns": 20, "apart_ns": 90, "misfits": 0, "only_first": false,
            "groups": ["0-1", "2-3"]}],
"rest_ns": 90, "reliable": true, "reason": null, "waiting": 0, "steal": 0, "clock_ns": 20, "declared": [],
"pairs": []})";

const std::string kSmt = R"({"schema": "torque.measure/1", "what": "smt", "source": "live", "cpus": "0-2",
"reliable": false, "reason": "busy", "waiting": 0.5, "steal": 0, "clock_ns": 20, "every_pair": true, "untried": 0,
"cores": ["0,2"], "declared": [], "alone": [],
"pairs": [{"a": 0, "b": 2, "speed": 0.5, "spread": 0.01, "samples": 9, "sharing": "shared", "certainty": "sure",
           "declared": false},
          {"a": 1, "b": 2, "speed": 1, "spread": 0.1, "samples": 9, "sharing": "apart", "certainty": "likely",
           "declared": false}]})";

std::string replaced(std::string text, const std::string& what, const std::string& by) {
    const std::size_t at = text.find(what);
    REQUIRE(at != text.npos);
    return text.replace(at, what.size(), by);
}

// The error's place and words.
std::string refusal(const std::string& text) {
    Measured measured;
    const auto added = add_measured(text, "f.json", measured);
    REQUIRE_FALSE(added);
    CHECK_FALSE(added.error().hint.empty());
    return added.error().where + ": " + added.error().what;
}

}  // namespace

TEST_CASE("results of both kinds are read into one") {
    Measured measured;
    REQUIRE(add_measured(kCores, "c.json", measured));
    REQUIRE(add_measured(kSmt, "s.json", measured));
    REQUIRE(measured.cores);
    CHECK(measured.cores->file == "c.json");
    CHECK(measured.cores->is_reliable);
    REQUIRE(measured.cores->levels.size() == 1);
    CHECK(measured.cores->levels[0].likely == "llc");
    CHECK(measured.cores->levels[0].groups[1] == CpuSet{2, 3});
    REQUIRE(measured.smt);
    CHECK_FALSE(measured.smt->is_reliable);
    REQUIRE(measured.smt->pairs.size() == 2);
    CHECK(measured.smt->pairs[0].is_shared);
    CHECK(measured.smt->pairs[0].is_sure);
    CHECK(measured.smt->pairs[1].is_apart);
    CHECK_FALSE(measured.smt->pairs[1].is_sure);
    const auto again = add_measured(kSmt, "t.json", measured);
    REQUIRE_FALSE(again);
    CHECK(again.error().where == "t.json");
}

TEST_CASE("a table from elsewhere was disturbed by nothing that is known of") {
    Measured measured;
    REQUIRE(add_measured(replaced(kCores, R"("reliable": true)", R"("reliable": null)"), "c", measured));
    CHECK(measured.cores->is_reliable);
}

TEST_CASE("what no measurement writes is refused") {
    CHECK(refusal(replaced(kCores, "\"2-3\"", "\"1-3\"")) ==
          "f.json: /levels/0/groups/1: a group without CPUs of its own");
    CHECK(refusal(replaced(kCores, "\"2-3\"", "\"2-4\"")) ==
          "f.json: /levels/0/groups/1: CPUs that were not measured");
    CHECK(refusal(replaced(kCores, "\"2-3\"", "\"\"")) ==
          "f.json: /levels/0/groups/1: a group without CPUs of its own");
    CHECK(refusal(replaced(kCores, "\"llc\"", "\"l9\"")).find("/levels/0/likely") != std::string::npos);
    CHECK(refusal(replaced(kCores, "\"latency_ns\": 20", "\"latency_ns\": -1")).find("negative") !=
          std::string::npos);
    CHECK(refusal(replaced(kCores, "\"cores\"", "\"cache\"")) == "f.json: /what: this is of measure cache");
    CHECK(refusal(replaced(kSmt, "\"b\": 2", "\"b\": 0")).find("/pairs/0") != std::string::npos);
    CHECK(refusal(replaced(kSmt, "\"b\": 2", "\"b\": 7")).find("/pairs/0") != std::string::npos);
    CHECK(refusal(replaced(kSmt, "\"a\": 1", "\"a\": 0")) == "f.json: /pairs/1: the pairs do not ascend");
    CHECK(refusal(replaced(kSmt, "\"shared\"", "\"both\"")).find("/pairs/0/sharing") != std::string::npos);
    CHECK(refusal(replaced(kSmt, "\"untried\"", "\"stranger\"")).find("stranger") != std::string::npos);
    CHECK(refusal("[]") == "f.json: the document is not a JSON object");
    CHECK(refusal("{\"schema\": \"torque.measure/1\"}").find("/what") != std::string::npos);
}
