#include <string>

#include "catch.h"
#include "machines.h"
#include "render/box.h"
#include "render/markup.h"
#include "render/matrix.h"
#include "render/picture.h"
#include "render/place.h"
#include "render/table.h"

using namespace torque;
using namespace torque::test;

namespace {

constexpr TreeStyle kAscii{false, false, 100, false};

// `packages` of `cores` with one CPU each.
Machine many(int packages, int cores) {
    Machine machine = bare_machine(packages * cores);
    for (int package = 0; package < packages; ++package)
        add_package(machine, CpuSet::range(package * cores, (package + 1) * cores - 1));
    for (int cpu = 0; cpu < packages * cores; ++cpu) add_core(machine, {cpu});
    return machine;
}

Layout layout_of(const CpuSet& workers) {
    Layout layout;
    for (int cpu : workers) {
        Worker worker;
        worker.id = static_cast<int>(layout.workers.size());
        worker.cpu = {cpu};
        layout.workers.push_back(worker);
    }
    return layout;
}

Device device(const char* address, const char* name, std::optional<NodeId> node) {
    Device out;
    out.address = address;
    out.name = name;
    out.kind = "network";
    out.node = node;
    return out;
}

}  // namespace

TEST_CASE("a picture folds the inner parts first, and like ones only", "[picture]") {
    const Machine machine = many(2, 64);
    const Picture whole = picture(machine, nullptr, glyphs(kAscii), {128, 0});
    CHECK_FALSE(whole.root.groups.at(0).is_folded);
    CHECK_FALSE(whole.root.groups[0].boxes.at(0).groups.at(0).is_folded);

    const Picture folded = picture(machine, nullptr, glyphs(kAscii), {127, 0});
    CHECK_FALSE(folded.root.groups.at(0).is_folded);
    const BoxGroup& cores = folded.root.groups[0].boxes.at(0).groups.at(0);
    CHECK(cores.is_folded);
    CHECK(cores.boxes.size() == 64);

    const Layout layout = layout_of({3});
    const Picture planned = picture(machine, &layout, glyphs(kAscii), {127, 0});
    REQUIRE(planned.root.groups.size() == 2);  // the package with the worker is like no other
    CHECK(planned.root.groups[0].boxes.at(0).groups.size() == 2);
}

TEST_CASE("boxes lie in each other and do not overlap", "[picture]") {
    const Machine machine = many(3, 7);
    const Picture drawn = picture(machine, nullptr, glyphs({}), {});
    const PlacedBox root = place(drawn);
    const PlacedGroup& packages = root.groups.at(0);
    REQUIRE(packages.boxes.size() == 3);
    for (std::size_t i = 0; i < packages.boxes.size(); ++i) {
        const PlacedBox& box = packages.boxes[i];
        CHECK(box.x + box.width <= packages.width + 0.1);
        CHECK(box.y + box.height <= packages.height + 0.1);
        for (std::size_t k = 0; k < i; ++k) {
            const PlacedBox& other = packages.boxes[k];
            const bool apart = box.x >= other.x + other.width || other.x >= box.x + box.width ||
                               box.y >= other.y + other.height || other.y >= box.y + box.height;
            CHECK(apart);
        }
    }
}

TEST_CASE("a grid is near to its ratio and avoids gaps", "[picture]") {
    CHECK(grid_columns(1, 10, 10, 1.5) == 1);
    CHECK(grid_columns(16, 10, 10, 1) == 4);
    CHECK(grid_columns(12, 10, 10, 1.4) == 4);
    CHECK(grid_columns(7, 10, 10, 1.5) == 4);
}

TEST_CASE("markup cannot end what it stands in", "[picture]") {
    CHECK(markup("<a b=\"c\" d='e'>&\x01") == "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;?");
    CHECK(script_string("</script>\"\\\n") == "\"\\u003c/script>\\\"\\\\\\u000a\"");
}

TEST_CASE("each CPU in a box has the letter of its role", "[box]") {
    Machine machine = many(1, 5);
    cpu_at(machine, 4).online = false;
    Layout layout = layout_of({1});
    layout.housekeeping = {0};
    layout.isolated = {1, 2};
    const std::string out = render_box(machine, &layout, kAscii);
    for (const char* words : {"0h", "1w0", "2i", "4x", "worker", "housekeeping", "isolated", "offline"}) {
        INFO(words);
        CHECK(out.find(words) != std::string::npos);
    }
}

TEST_CASE("the table has the columns that were asked for, and nothing unknown is zero", "[table]") {
    const Machine machine = many(2, 1);
    const auto columns = parse_table_columns(" node , cpu", false);
    REQUIRE(columns);
    CHECK(render_table(machine, nullptr, *columns) == "NODE CPU\n-    0\n-    1\n");
    const auto wrong = parse_table_columns("cpu,,core", false);
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().kind == ErrorKind::usage);
}

TEST_CASE("the matrix tells functions, buses, nodes and the unknown apart", "[matrix]") {
    Machine machine = many(1, 2);
    add_node(machine, {0}, kGib);
    add_node(machine, {1}, kGib);
    machine.devices = {device("0000:01:00.0", "a0", NodeId{0}), device("0000:01:00.1", "a1", NodeId{0}),
                       device("0000:01:02.0", "b", NodeId{0}),  device("0000:02:00.0", "c", NodeId{0}),
                       device("0000:81:00.0", "d", NodeId{1}),  device("", "e", {})};
    const std::string out = render_matrix(machine, kAscii);
    for (const char* row : {"a0  X     CARD  BUS   NODE  SYS  ?", "a1  CARD  X     BUS   NODE  SYS  ?",
                            "d   SYS   SYS   SYS   SYS   X    ?"}) {
        INFO(out);
        CHECK(out.find(row) != std::string::npos);
    }
}

TEST_CASE("many devices do not make an endless matrix", "[matrix]") {
    Machine machine = many(1, 1);
    for (int i = 0; i < 3000; ++i) machine.devices.push_back(device("", "eth", {}));
    const std::string out = render_matrix(machine, kAscii);
    CHECK(out.size() < 1'000'000);
    CHECK(out.find("and 2872 devices more") != std::string::npos);
}
