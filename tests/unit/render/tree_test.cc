#include "render/tree.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/parse.h"
#include "catch.h"
#include "machines.h"

using torque::CpuSet;
using torque::Machine;
using torque::render_tree;
using torque::TreeStyle;
using namespace torque::test;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> out;
    for (std::string_view rest = text; !rest.empty();) out.emplace_back(torque::take_line(rest));
    return out;
}

int width_of(std::string_view line) {
    return static_cast<int>(
        std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// What the text says between the line that starts with `title` and the next empty line.
std::string section(const std::string& text, std::string_view title) {
    std::string out;
    bool inside = false;
    for (const std::string& line : lines_of(text)) {
        inside = inside ? !line.empty() : line.starts_with(title);
        if (inside) out += line + "\n";
    }
    return out;
}

// The CPUs that the lists in the right column of the leaves of the tree name. An ellipsis stands for the
// steps between its neighbours: CPUs and sets in one line are at equal distances around it.
void add_named(std::string_view lists, CpuSet& named) {
    std::vector<std::pair<CpuSet, bool>> parts;  // the set, and whether an ellipsis comes before it
    bool cut = false;
    for (char& separator : std::string(" ")) {
        while (!lists.empty()) {
            const std::string_view word = torque::take_until(lists, separator);
            if (word.empty()) continue;
            if (word == "..") {
                cut = true;
                continue;
            }
            CpuSet set;
            int before = -1, last = -1;
            bool gap = false;
            for (std::string_view rest = word; !rest.empty();) {
                const std::string_view region = torque::take_until(rest, ',');
                if (region == "..") {
                    gap = true;
                    continue;
                }
                const CpuSet run = CpuSet::parse_list(region).value();
                if (gap) {
                    const int step = last - before, length = run.count();
                    for (int at = last; at < run.first(); at += step)
                        set |= CpuSet::range(at, at + length - 1);
                    gap = false;
                }
                set |= run;
                before = last;
                last = run.first();
            }
            parts.emplace_back(set, cut);
            cut = false;
        }
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
        named |= parts[i].first;
        if (!parts[i].second) continue;
        const CpuSet& from = parts[i - 1].first;
        const int step = i >= 2 ? from.first() - parts[i - 2].first.first() : from.count();
        for (int moved = step; from.first() + moved < parts[i].first.first(); moved += step) {
            for (int cpu : from) named.add(cpu + moved);
        }
    }
}

CpuSet leaves_of(const std::string& text) {
    std::vector<std::string> rows = lines_of(section(text, "Topology"));
    const std::size_t column = rows.at(0).find("CPUs");
    std::string lists;
    bool is_leaf = false;
    CpuSet named;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        const std::string label = rows[i].substr(0, column);
        const bool goes_on = label.find_first_not_of(" |") == label.npos;
        if (!goes_on) {
            if (is_leaf) add_named(lists, named);
            lists.clear();
            is_leaf = label.find("core") != label.npos || label.find("CPU ") != label.npos;
        }
        if (rows[i].size() > column) lists += (lists.ends_with(',') ? "" : " ") + rows[i].substr(column);
    }
    if (is_leaf) add_named(lists, named);
    return named;
}

TreeStyle ascii(int width = 100) {
    TreeStyle style;
    style.unicode = false;
    style.width = width;
    return style;
}

}  // namespace

TEST_CASE("a hybrid shows its kinds of cores apart, in every part") {
    CHECK(render_tree(hybrid(), {}) == R"(12th Gen Intel(R) Core(TM) i9-12900HK
1 package · 6 P cores + 8 E cores · 20 CPUs · 1 node · 32 GiB · up to 5.0 GHz
Linux 6.12.0 x86_64 · read: test

Topology                                 CPUs
package 0 · node 0 · 32 GiB · L3 24 MiB  0-19
├─ 6 × P core, 2 threads · L2 1.25 MiB   0-1 2-3 4-5 6-7 8-9 10-11
└─ 2 × L2 2 MiB                          12-15 16-19
   └─ 4 × E core                         12-19

Core types
          cores  threads    up to  CPUs
  P core      6        2  5.0 GHz  0-11
  E core      8        1  3.8 GHz  12-19

Caches
           size  per                    ways   sets  line  count    total
  L1d    48 KiB  P core                   12     64    64      6  288 KiB
  L1i    32 KiB  P core                    8     64    64      6  192 KiB
  L2   1.25 MiB  P core                   10   2048    64      6  7.5 MiB
  L1d    32 KiB  E core                    8     64    64      8  256 KiB
  L1i    64 KiB  E core                    8    128    64      8  512 KiB
  L2      2 MiB  4 E cores                16   2048    64      2    4 MiB
  L3     24 MiB  6 P cores + 8 E cores    12  32768    64      1   24 MiB

TLBs
               pages     entries  ways  per
  L1  load     4K             64     4  P core
  L2  unified  4K 2M        2048    16  P core
  L1  data     4K 2M 4M       48  full  E core
)");
}

TEST_CASE("a guest with one core is told in a few lines") {
    CHECK(render_tree(two_cpu_guest(), ascii()) == R"(AMD EPYC 9R14
1 package | 1 core, 2 threads | 2 CPUs | 1 node | 8 GiB
Linux 6.1.0 x86_64 | KVM guest | read: test

Topology                                CPUs
package 0 | node 0 | 8 GiB | L3 32 MiB  0-1
`- core, 2 threads | L2 1 MiB           0-1

Caches
         size  per   ways   sets  line  count   total
  L1d  32 KiB  core     8     64    64      1  32 KiB
  L1i  32 KiB  core     8     64    64      1  32 KiB
  L2    1 MiB  core     8   2048    64      1   1 MiB
  L3   32 MiB  core    16  32768    64      1  32 MiB

Kept apart
  quota  1.5 CPUs  time that this cgroup may use, on whichever CPUs
)");
}

TEST_CASE("4,096 CPUs are one screen") {
    const std::string text = render_tree(server({16, 2, 8, 8, 2}), {});
    CHECK(section(text, "Topology") ==
          R"(Topology                                   CPUs
16 × package 0-15                          0-127,2048-2175 128-255,2176-2303 … 1920-2047,3968-4095
└─ 2 × node 0-1 2-3 … 30-31 · 64 GiB       0-63,2048-2111 64-127,2112-2175 … 1984-2047,4032-4095
   └─ 8 × L3 32 MiB                        0-7,2048-2055 8-15,2056-2063 … 2040-2047,4088-4095
      └─ 8 × core, 2 threads · L2 512 KiB  0,2048 1,2049 2,2050 … 2047,4095
)");
    CHECK(lines_of(text).size() < 24);
}

TEST_CASE("the head of the tree is broken between facts") {
    Machine machine = server({1, 1, 1, 4, 1});
    machine.host.model = "A processor of a name that goes on and on";
    machine.types.assign(1, {});
    machine.types[0].codename = "Somewhere Lake, which is as long a name as well";
    machine.types[0].family = 6;
    machine.types[0].cpus = machine.host.online;
    const std::string text = render_tree(machine, {});
    CHECK(text.find("as long a name as well\nfamily ") != std::string::npos);
}

TEST_CASE("a memory-only node hangs beside the package and says which node is near") {
    CHECK(section(render_tree(with_memory_only_nodes(), {}), "Topology") ==
          R"(Topology                                                       CPUs
machine                                                        0-7
├─ package 0 · node 0 · 64 GiB                                 0-7
│  └─ 2 × L3 32 MiB                                            0-3 4-7
│     └─ 4 × core · L2 512 KiB                                 0-7
└─ 2 × node 1-2 · 128 GiB · CXL · no CPUs · nearest to node 0
)");
}

TEST_CASE("what a memory-only node is near to is told by HMAT before SLIT, and a tie is told as one") {
    Machine machine = server({2, 1, 1, 2, 1});
    add_node(machine, {}, 16 * kGib);
    machine.distances = torque::Distances{{torque::NodeId{0}, torque::NodeId{1}, torque::NodeId{2}},
                                          {{10, 20, 20}, {20, 10, 20}, {20, 20, 10}}};
    const auto last_line = [&] {
        const std::string text = section(render_tree(machine, {}), "Topology");
        return text.substr(text.rfind("└─ node 2"));
    };
    CHECK(last_line() == "└─ node 2 · 16 GiB · no CPUs · equally near to nodes 0-1\n");
    machine.memory_attributes = {{torque::NodeId{2}, 0, {torque::NodeId{2}}, {}, {}, {}, {}}};
    CHECK(last_line() == "└─ node 2 · 16 GiB · no CPUs · equally near to nodes 0-1\n");
    machine.memory_attributes = {
        {torque::NodeId{2}, 0, {torque::NodeId{0}, torque::NodeId{1}}, {}, {}, {}, {}},
        {torque::NodeId{2}, 1, {torque::NodeId{1}}, {}, {}, {}, {}}};
    CHECK(last_line() == "└─ node 2 · 16 GiB · no CPUs · nearest to node 1\n");
}

TEST_CASE("isolated, forbidden and offline CPUs are told apart") {
    const std::string text = render_tree(with_states(), {});
    CHECK(section(text, "Topology") == R"(Topology                                                CPUs
package 0 · node 0 · 64 GiB · L3 32 MiB                 0-4,6
├─ core, 2 threads · L2 512 KiB · not allowed           0,4
├─ 2 × core · L2 512 KiB                                1,3
└─ core, 2 threads · L2 512 KiB · isolated · nohz_full  2,6
)");
    CHECK(section(text, "Kept apart") == R"(Kept apart
  isolated     2,6  the scheduler puts nothing there by itself
  nohz_full    2,6  no tick while one task runs
  offline      5,7  the kernel hides their place in the machine
  not allowed  0,4  this cgroup has 1-3,6
)");
    Machine numbered = with_states();
    for (torque::Cpu& cpu : numbered.cpus)
        cpu.apic_id = static_cast<std::uint32_t>(cpu.id.value % 4 * 2 + cpu.id.value / 4);
    numbered.cpus[7].apic_id = 64;
    CHECK(section(render_tree(numbered, {}), "Kept apart").find(R"(
  offline      5    SMT siblings of 1
  offline      7    the kernel hides their place in the machine
)") != std::string::npos);
    // The worst first, and nothing of the machine's reaches the terminal as a control character.
    CHECK(section(text, "Findings") == R"(Findings
  problem  a \x1b[31mred\x0a message
  warning  CPUs 5 and 7 are offline → echo 1 > /sys/devices/system/cpu/cpu5/online
)");
}

TEST_CASE("what overlaps the tree is told beside it and loses no CPU") {
    CHECK(section(render_tree(crossing(), {}), "Topology") == R"(Topology                   CPUs
machine                    0-11
├─ 2 × package 0-1         0-3 4-7
│  └─ 2 × core, 2 threads  0-1 2-3 4-5 6-7
├─ core, 2 threads         8-9
└─ 2 × CPU                 10-11
  node 0 with CPUs 0-1,4-5 overlaps the tree and is not in it
  node 1 with CPUs 2-3,6-7 overlaps the tree and is not in it
  an L3 with CPUs 1-2 overlaps the tree and is not in it
)");
}

TEST_CASE("nodes may lie in a last-level cache") {
    CHECK(section(render_tree(with_large_last_level(), {}), "Topology") ==
          R"(Topology                     CPUs
package 0 · L3 64 MiB        0-7
└─ 2 × node 0-1 · 64 GiB     0-3 4-7
   └─ 4 × core · L2 512 KiB  0-7
)");
}

TEST_CASE("numbers of nodes are in the order of their CPUs") {
    Machine machine = server({2, 2, 1, 4, 1});
    std::swap(machine.nodes[2].cpus, machine.nodes[3].cpus);
    CHECK(section(render_tree(machine, {}), "Topology") == R"(Topology                                  CPUs
2 × package 0-1                           0-7 8-15
└─ 2 × node 0-1 3,2 · 64 GiB · L3 32 MiB  0-3 4-7 8-11 12-15
   └─ 4 × core · L2 512 KiB               0-15
)");
}

TEST_CASE("a tree that isolation makes ragged is shown without it") {
    Machine machine = server({1, 1, 64, 8, 1});
    for (int cpu = 0; cpu < 512; ++cpu) {  // each cache has another number of each
        cpu_at(machine, cpu).isolated = cpu % 8 < cpu / 8 % 8;
        cpu_at(machine, cpu).nohz_full = cpu % 8 < cpu / 64;
    }
    CHECK(section(render_tree(machine, {}), "Topology") == R"(Topology                     CPUs
package 0 · node 0 · 64 GiB  0-511
└─ 64 × L3 32 MiB            0-7 8-15 16-23 … 504-511
   └─ 8 × core · L2 512 KiB  0-511
)");
    CHECK(leaves_of(render_tree(machine, ascii())) == CpuSet::range(0, 511));
}

TEST_CASE("sources and APIC ids are there for who asks") {
    Machine machine = hybrid();
    machine.provenance = {{"caches", "/sys/devices/system/cpu/cpu*/cache"}};
    TreeStyle style;
    CHECK(section(render_tree(machine, style), "Sources").empty());
    style.sources = true;
    const std::string text = render_tree(machine, style);
    CHECK(section(text, "Sources") == "Sources\n  caches  /sys/devices/system/cpu/cpu*/cache\n");
    CHECK(section(text, "APIC ids") == R"(APIC ids
  CPUs          in that order
  0,2,4,6,8,10  0,8,16,24,32,40
  1,3,5,7,9,11  1,9,17,25,33,41
  12-19         84,86,88,90,92,94,96,98
)");
}

TEST_CASE("every CPU of every machine is in a leaf of the tree") {
    for (const auto& [name, machine] : all_machines()) {
        CpuSet online;
        for (const torque::Cpu& cpu : machine.cpus) {
            if (cpu.online) online.add(cpu.id);
        }
        for (int width : {60, 100, 200}) {
            INFO(name << ", " << width << " columns\n" << render_tree(machine, ascii(width)));
            if (width >= 100) CHECK(leaves_of(render_tree(machine, ascii(width))) == online);
        }
    }
}

TEST_CASE("no line is wider than asked for") {
    for (const auto& [name, machine] : all_machines()) {
        for (int width : {60, 80, 100, 160}) {
            TreeStyle style;
            style.width = width;
            style.sources = true;
            for (const std::string& line : lines_of(render_tree(machine, style))) {
                INFO(name << ", " << width << " columns: " << line);
                CHECK(width_of(line) <= width);
                CHECK_FALSE(line.ends_with(' '));
            }
        }
    }
}

TEST_CASE("without colour there is no escape, and colour adds nothing else") {
    for (const auto& [name, machine] : all_machines()) {
        INFO(name);
        TreeStyle style;
        const std::string plain = render_tree(machine, style);
        CHECK(plain.find('\x1b') == plain.npos);
        style.colour = true;
        std::string coloured = render_tree(machine, style);
        CHECK(coloured.find('\x1b') != coloured.npos);
        for (std::size_t at; (at = coloured.find('\x1b')) != coloured.npos;) {
            coloured.erase(at, coloured.find('m', at) - at + 1);
        }
        CHECK(coloured == plain);
    }
}

TEST_CASE("a terminal without Unicode gets ASCII only") {
    for (const auto& [name, machine] : all_machines()) {
        INFO(name);
        const std::string text = render_tree(machine, ascii());
        CHECK(std::all_of(text.begin(), text.end(),
                          [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
    }
}

TEST_CASE("absurd numbers and widths are survived") {
    Machine machine = hybrid();
    for (auto& package : machine.packages) package.id.value = 2147483647;
    for (auto& node : machine.nodes) {
        node.id.value = 2147483647;
        node.memory_bytes = ~std::uint64_t{0};
    }
    for (auto& cache : machine.caches) cache.size_bytes = ~std::uint64_t{0};
    for (auto& cpu : machine.cpus) cpu.apic_id = 4294967295U;
    machine.host.cpu_quota = 1e300;
    machine.distances = torque::Distances{{torque::NodeId{7}}, {}};
    for (int width : {-1, 0, 1, 40}) CHECK_FALSE(render_tree(machine, ascii(width)).empty());
    // A chain of ever smaller caches, deeper than any machine is.
    for (int last = 18; last > 0; --last) {
        for (int level = 4; level < 8; ++level) {
            add_cache(machine, level, torque::CacheType::unified, kMib, 8, CpuSet::range(0, last));
        }
    }
    CHECK(render_tree(machine, ascii()).find("overlaps the tree") != std::string::npos);
}
