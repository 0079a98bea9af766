#include "layout/layout_json.h"

#include <string>

#include "catch.h"

using torque::CpuSet;
using torque::Layout;

namespace {

Layout example() {
    Layout layout;
    layout.machine = {"0123456789abcdef", "A \"quoted\" brand", CpuSet::range(0, 7)};
    layout.request.workers = 2;
    layout.request.policy = torque::Policy::huddle;
    layout.request.near = "eth0";
    layout.profile = "full";
    torque::Worker worker;
    worker.cpu = torque::CpuId{4};
    worker.core = torque::CoreId{2};
    worker.siblings = CpuSet{5};
    worker.node = torque::NodeId{0};
    worker.memory_nodes = {torque::NodeId{0}};
    worker.buffers = {256, 2048};
    layout.workers.push_back(worker);
    worker.id = 1;
    worker.cpu = torque::CpuId{6};
    worker.siblings = CpuSet{7};
    worker.node.reset();
    worker.queue = 1;
    layout.workers.push_back(worker);
    layout.isolated = CpuSet::range(4, 7);
    layout.housekeeping = CpuSet::range(0, 3);
    layout.boot.cmdline = "isolcpus=managed_irq,domain,4-7";
    layout.boot.args.push_back({"isolcpus", "managed_irq,domain,4-7", "why", "price", ""});
    layout.runtime.push_back({"/proc/irq/default_smp_affinity", "f", "why"});
    layout.leftovers = {"irq 9"};
    layout.warnings = {"one", "two"};
    layout.decisions = {{"R1", "because"}};
    return layout;
}

std::string with(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != text.npos);
    return text.replace(at, from.size(), to);
}

torque::Error refusal(const std::string& text) {
    const auto layout = torque::parse_layout(text, "layout.json");
    REQUIRE_FALSE(layout.has_value());
    return layout.error();
}

}  // namespace

TEST_CASE("a layout survives the way through its text") {
    const Layout layout = example();
    const std::string text = torque::layout_json(layout);
    const auto again = torque::parse_layout(text, "layout.json");
    REQUIRE(again.has_value());
    CHECK(*again == layout);
    CHECK(torque::layout_json(*again) == text);
}

TEST_CASE("auto stays auto") {
    Layout layout = example();
    layout.request.workers.reset();
    const auto again = torque::parse_layout(torque::layout_json(layout), "layout.json");
    REQUIRE(again.has_value());
    CHECK_FALSE(again->request.workers.has_value());
}

TEST_CASE("an empty layout asks about the command that should have written it") {
    for (const char* text : {"", "\n", "  \t\n"}) {
        CHECK(refusal(text).what == "layout.json is empty: did 'torque-topo plan' fail?");
    }
}

TEST_CASE("a faulty layout is refused with the place") {
    const std::string good = torque::layout_json(example());
    CHECK(refusal("{\n  \"schema\": oops\n}").where == "layout.json:2:13");
    CHECK(refusal(good.substr(0, good.size() / 2)).what.starts_with("not JSON: while parsing"));
    CHECK(refusal("{\"schema\": \x1b[31m}").what.find('\x1b') == std::string::npos);
    CHECK(refusal("{\"schema\": oops}").hint == "torque-layout(5) describes the format");
    CHECK(refusal("[]").what == "the document is not a JSON object");
    CHECK(refusal(with(good, "torque.layout/1", "torque.layout/2")).where == "layout.json: /schema");
    CHECK(refusal(with(good, "\"cpu\": 6", "\"cpu\": -6")).where == "layout.json: /workers/1/cpu");
    CHECK(refusal(with(good, "\"cpu\": 6", "\"cpu\": 6.5")).where == "layout.json: /workers/1/cpu");
    CHECK(refusal(with(good, "\"cpu\": 6", "\"cpu\": 99999999999999999999")).where ==
          "layout.json: /workers/1/cpu");
    CHECK(refusal(with(good, "\"cpu\": 6, ", "")).what == "\"cpu\" is missing");
    CHECK(refusal(with(good, "\"id\": 1", "\"id\": 7")).where == "layout.json: /workers");
    CHECK(refusal(with(good, "\"siblings\": \"7\"", "\"siblings\": \"7-\"")).where ==
          "layout.json: /workers/1/siblings");
    CHECK(refusal(with(good, "\"huddle\"", "\"huddel\"")).where == "layout.json: /request/policy");
    CHECK(refusal(with(good, "\"count\": 256", "\"count\": 0")).where ==
          "layout.json: /workers/0/buffers/count");
}

TEST_CASE("keys of a newer version are passed over") {
    const std::string text =
        with(torque::layout_json(example()), "\"profile\"", "\"colour\": [1, {}], \"profile\"");
    CHECK(torque::parse_layout(text, "layout.json").has_value());
}

TEST_CASE("a number beyond all numbers is refused") {
    const std::string text = with(torque::layout_json(example()), "\"cpu\": 6", "\"cpu\": 1e99999");
    CHECK(refusal(text).where == "layout.json");
    CHECK(refusal(text).what.find("1e99999") != std::string::npos);
}

TEST_CASE("deep nesting is refused, not followed") {
    const std::string deep = "{\"schema\": \"torque.layout/1\", \"workers\": " + std::string(200000, '[');
    CHECK(refusal(deep).what.starts_with("not JSON"));
}
