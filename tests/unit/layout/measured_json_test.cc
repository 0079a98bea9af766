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

const std::string kCache = R"({"schema": "torque.measure/1", "what": "cache", "source": "live", "cpus": "0-3",
"reliable": true, "reason": null, "waiting": 0, "steal": 0, "measured": [
{"cpu": 1, "like": "0-3", "line_bytes": 64, "page_bytes": 4096, "clock_ns": 20, "bytes_max": 1048576,
 "caches": [], "tlbs": [],
 "cache_knees": [{"at": 32768, "from": 30000, "to": 36000, "before_ns": 1, "after_ns": 4, "open": false},
                 {"at": 65536, "from": 60000, "to": 70000, "before_ns": 4, "after_ns": 9, "open": true}],
 "tlb_knees": [{"at": 64, "from": 60, "to": 70, "before_ns": 1, "after_ns": 4, "open": false}],
 "curves": []}]})";

const std::string kMemory =
    R"({"schema": "torque.measure/1", "what": "memory", "source": "live", "cpus": "0-3",
"reliable": true, "reason": null, "waiting": 0, "steal": 0, "clock_ns": 20, "slit": {}, "hmat": {}, "cells": [
{"cpu_node": 0, "memory_node": 1, "cpu": 0, "cpus": "0-1", "bytes": 4096000, "cache_bytes": 0, "huge_share": 1,
 "latency_ns": 120.5, "latency_spread_ns": 3, "samples": 9, "read_bytes_per_s": 1, "read_spread_bytes_per_s": 1,
 "placement": "elsewhere", "placement_source": "move_pages", "pages": 1000, "pages_elsewhere": 7,
 "declared_distance": 20, "declared_latency_ns": null, "declared_bytes_per_s": null, "reason": null},
{"cpu_node": 0, "memory_node": 2, "cpu": 0, "cpus": "0-1", "bytes": 0, "cache_bytes": 0, "huge_share": null,
 "latency_ns": null, "latency_spread_ns": null, "samples": 0, "read_bytes_per_s": null,
 "read_spread_bytes_per_s": null, "placement": null, "placement_source": null, "pages": 0, "pages_elsewhere": 0,
 "declared_distance": 20, "declared_latency_ns": null, "declared_bytes_per_s": null, "reason": "no room"}]})";

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

TEST_CASE("results of caches and of memory") {
    Measured measured;
    REQUIRE(add_measured(kCache, "c.json", measured));
    REQUIRE(add_measured(kMemory, "m.json", measured));
    REQUIRE(measured.cache);
    CHECK(measured.cache->file == "c.json");
    REQUIRE(measured.cache->measured.size() == 1);
    const MeasuredCachesOfCpu& cpu = measured.cache->measured[0];
    CHECK(cpu.cpu == 1);
    CHECK(cpu.page_bytes == 4096);
    REQUIRE(cpu.caches.size() == 2);
    CHECK(cpu.caches[1].at == 65536);
    CHECK(cpu.caches[1].is_open);
    REQUIRE(cpu.tlbs.size() == 1);
    CHECK_FALSE(cpu.tlbs[0].is_open);
    REQUIRE(measured.memory);
    REQUIRE(measured.memory->cells.size() == 2);
    const MeasuredCell& cell = measured.memory->cells[0];
    CHECK(cell.to == NodeId{1});
    CHECK(cell.latency_ns == 120.5);
    CHECK(cell.spread_ns == 3);
    CHECK(cell.pages_elsewhere == 7);
    CHECK_FALSE(measured.memory->cells[1].latency_ns);
    CHECK_FALSE(add_measured(kCache, "c.json", measured));
    CHECK_FALSE(add_measured(kMemory, "m.json", measured));
    REQUIRE(add_measured(kSmt, "s.json", measured));
    CHECK(measured.cache);
}

TEST_CASE("results of caches and of memory that no measurement writes") {
    const auto place = [](const std::string& text, const char* at) {
        return refusal(text).find(at) != std::string::npos;
    };
    CHECK(
        place(replaced(kCache, "\"cpu\": 1", "\"cpu\": 4"), "/measured/0/cpu: a CPU that was not measured"));
    CHECK(place(replaced(kCache, "\"at\": 65536", "\"at\": 32768"), "/measured/0/cache_knees/1/at"));
    CHECK(place(replaced(kCache, "\"at\": 64", "\"at\": 0"), "/measured/0/tlb_knees/0/at"));
    CHECK(place(replaced(kCache, "\"at\": 64", "\"at\": -64"), "/measured/0/tlb_knees/0/at"));
    CHECK(place(replaced(kCache, "4096", "0"), "/measured/0/page_bytes"));
    CHECK(place(replaced(kCache, "\"like\"", "\"unlike\""), "unlike"));
    CHECK(
        place(replaced(kMemory, "\"memory_node\": 2", "\"memory_node\": 1"), "/cells/1: the pairs of nodes"));
    CHECK(place(replaced(kMemory, "\"memory_node\": 2", "\"memory_node\": null"), "/cells/1: the pairs"));
    CHECK(place(replaced(kMemory, "120.5", "-1"), "/cells/0/latency_ns"));
    CHECK(place(replaced(kMemory, "\"latency_spread_ns\": 3", "\"latency_spread_ns\": null"), "spread_ns"));
    CHECK(place(replaced(kMemory, "\"pages_elsewhere\": 7", "\"pages_elsewhere\": 0"), "/cells/0/placement"));
    CHECK(place(replaced(kMemory, "\"pages_elsewhere\": 7", "\"pages_elsewhere\": 1001"), "pages_elsewhere"));
}

TEST_CASE("fingerprints are read where there are some") {
    const std::string own = R"("source": "live", "fingerprint": "0123456789abcdef")";
    for (const std::string& text : {kCores, kSmt, kCache, kMemory}) {
        for (const bool has_one : {false, true}) {
            Measured read;
            REQUIRE(add_measured(has_one ? replaced(text, R"("source": "live")", own) : text, "f", read));
            const auto fingerprint = read.cores   ? read.cores->fingerprint
                                     : read.smt   ? read.smt->fingerprint
                                     : read.cache ? read.cache->fingerprint
                                                  : read.memory->fingerprint;
            CHECK(fingerprint.value_or("none") == (has_one ? "0123456789abcdef" : "none"));
        }
    }
    CHECK(refusal(replaced(kSmt, R"("source": "live")", R"("source": "live", "fingerprint": "x")"))
              .starts_with("f.json: /fingerprint: "));
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
    CHECK(refusal(replaced(kCores, "\"cores\"", "\"jitter\"")) == "f.json: /what: this is of measure jitter");
    CHECK(refusal(replaced(kSmt, "\"b\": 2", "\"b\": 0")).find("/pairs/0") != std::string::npos);
    CHECK(refusal(replaced(kSmt, "\"b\": 2", "\"b\": 7")).find("/pairs/0") != std::string::npos);
    CHECK(refusal(replaced(kSmt, "\"a\": 1", "\"a\": 0")) == "f.json: /pairs/1: the pairs do not ascend");
    CHECK(refusal(replaced(kSmt, "\"shared\"", "\"both\"")).find("/pairs/0/sharing") != std::string::npos);
    CHECK(refusal(replaced(kSmt, "\"untried\"", "\"stranger\"")).find("stranger") != std::string::npos);
    CHECK(refusal("[]") == "f.json: the document is not a JSON object");
    CHECK(refusal("{\"schema\": \"torque.measure/1\"}").find("/what") != std::string::npos);
}
