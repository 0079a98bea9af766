#include "apart/from_hwloc.h"
#include "catch.h"
#include "libraries/hwloc_xml_check.h"

using namespace torque;

namespace {

// Two cores with two threads, an L2 each, one node, a network interface; written for this test.
const std::string kXml = R"(<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE topology SYSTEM "hwloc2.dtd">
<topology version="2.0">
  <object type="Machine" os_index="0" cpuset="0x0000000f" complete_cpuset="0x0000001f" allowed_cpuset="0x00000007" nodeset="0x00000001" complete_nodeset="0x00000001" allowed_nodeset="0x00000001" gp_index="1">
    <info name="OSRelease" value="6.1.0"/>
    <info name="Architecture" value="x86_64"/>
    <object type="Package" os_index="4" cpuset="0x0000000f" complete_cpuset="0x0000000f" nodeset="0x00000001" complete_nodeset="0x00000001" gp_index="2">
      <info name="CPUModel" value="Made Up"/>
      <object type="NUMANode" os_index="0" cpuset="0x0000000f" complete_cpuset="0x0000000f" nodeset="0x00000001" complete_nodeset="0x00000001" gp_index="3" local_memory="1073741824"/>
      <object type="L2Cache" cpuset="0x00000005" complete_cpuset="0x00000005" nodeset="0x00000001" complete_nodeset="0x00000001" gp_index="4" cache_size="1048576" depth="2" cache_linesize="64" cache_associativity="-1" cache_type="0">
        <info name="Inclusive" value="1"/>
        <object type="Core" os_index="7" cpuset="0x00000005" complete_cpuset="0x00000005" nodeset="0x00000001" complete_nodeset="0x00000001" gp_index="5">
          <object type="PU" os_index="0" cpuset="0x00000001" complete_cpuset="0x00000001" nodeset="0x00000001" complete_nodeset="0x00000001" gp_index="6"/>
          <object type="PU" os_index="2" cpuset="0x00000004" complete_cpuset="0x00000004" nodeset="0x00000001" complete_nodeset="0x00000001" gp_index="7"/>
        </object>
      </object>
      <object type="L2Cache" cpuset="0x0000000a" complete_cpuset="0x0000000a" nodeset="0x00000001" complete_nodeset="0x00000001" gp_index="8" cache_size="1048576" depth="2" cache_linesize="64" cache_associativity="16" cache_type="0">
        <object type="Core" os_index="8" cpuset="0x0000000a" complete_cpuset="0x0000000a" nodeset="0x00000001" complete_nodeset="0x00000001" gp_index="9">
          <object type="PU" os_index="1" cpuset="0x00000002" complete_cpuset="0x00000002" nodeset="0x00000001" complete_nodeset="0x00000001" gp_index="10"/>
          <object type="PU" os_index="3" cpuset="0x00000008" complete_cpuset="0x00000008" nodeset="0x00000001" complete_nodeset="0x00000001" gp_index="11"/>
        </object>
      </object>
    </object>
  </object>
</topology>
)";

std::string replaced(std::string text, const std::string& what, const std::string& by) {
    const std::size_t at = text.find(what);
    REQUIRE(at != text.npos);
    return text.replace(at, what.size(), by);
}

}  // namespace

TEST_CASE("hwloc XML becomes a machine") {
    const auto machine = machine_from_hwloc_xml(kXml, "m.xml");
    REQUIRE(machine);
    CHECK(machine->host.kernel == "6.1.0");
    CHECK(machine->host.model == "Made Up");
    CHECK(machine->host.source == "m.xml");
    CHECK(machine->host.online == CpuSet{0, 1, 2, 3});
    CHECK(machine->host.possible == CpuSet{0, 1, 2, 3, 4});
    REQUIRE(machine->cpus.size() == 5);
    CHECK_FALSE(machine->cpus[3].allowed);
    CHECK_FALSE(machine->cpus[4].online);
    REQUIRE(machine->cores.size() == 2);
    CHECK(machine->cores[0].cpus == CpuSet{0, 2});
    CHECK(machine->cores[1].core_id == 8);
    REQUIRE(machine->packages.size() == 1);
    CHECK(machine->packages[0].id == PackageId{4});
    REQUIRE(machine->caches.size() == 2);
    CHECK(machine->caches[0].size_bytes == 1048576);
    CHECK(machine->caches[0].ways == 16384);  // fully associative
    CHECK(machine->caches[0].inclusive == true);
    CHECK(machine->caches[1].ways == 16);
    CHECK_FALSE(machine->caches[1].inclusive);
    REQUIRE(machine->nodes.size() == 1);
    CHECK(machine->nodes[0].memory_bytes == 1073741824);
    CHECK(machine->cpus[2].smt == 1);
    CHECK(machine->tlbs.empty());
}

TEST_CASE("a synthetic description becomes a machine") {
    const auto machine = machine_from_hwloc_synthetic("pack:2 l3:2 core:8 pu:2", "pack:2 l3:2 core:8 pu:2");
    REQUIRE(machine);
    CHECK(machine->cpus.size() == 64);
    CHECK(machine->cores.size() == 32);
    CHECK(machine->packages.size() == 2);
    CHECK(machine->caches.size() == 4);
    CHECK(machine->types.size() == 1);
}

TEST_CASE("synthetic descriptions that are none, or of too many CPUs, are refused") {
    for (const char* text :
         {"pack:2 nonsense:3", "pack:0", "core:300 pu:300", "pack:65537", "99999999999999999999:2 pu:2",
          "pu:2(indexes=4294967290,1)", "core:4294967295 pu:4294967295"}) {
        INFO(text);
        const auto machine = machine_from_hwloc_synthetic(text, text);
        REQUIRE_FALSE(machine);
        CHECK(machine.error().where == text);
    }
}

TEST_CASE("XML that could do harm is refused before hwloc sees it") {
    CHECK(check_hwloc_xml(kXml, "m"));
    const std::string with_entity = "<!DOCTYPE topology [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>";
    const std::string doctype = "<!DOCTYPE topology SYSTEM \"hwloc2.dtd\">";
    CHECK_FALSE(check_hwloc_xml(replaced(kXml, doctype, with_entity), "m"));
    CHECK_FALSE(check_hwloc_xml(replaced(kXml, doctype, "<!DOCTYPE topology [ ]>"), "m"));
    CHECK_FALSE(check_hwloc_xml(replaced(kXml, "UTF-8", "UTF-7"), "m"));
    CHECK_FALSE(
        check_hwloc_xml(replaced(kXml, "\"PU\" os_index=\"3\"", "\"PU\" os_index=\"4294967294\""), "m"));
    CHECK_FALSE(check_hwloc_xml(replaced(kXml, "0x0000001f", "0x1," + std::string(1 << 20, ',')), "m"));
    CHECK_FALSE(check_hwloc_xml(kXml + std::string(1, '\0'), "m"));
    CHECK_FALSE(check_hwloc_xml(kXml.substr(0, kXml.size() / 2), "m"));
    std::string deep = "<topology>";
    for (int i = 0; i < 300; ++i) deep += "<object type=\"Group\">";
    CHECK_FALSE(check_hwloc_xml(deep, "m"));
    CHECK_FALSE(
        check_hwloc_xml(replaced(kXml, "</topology>", "<distances2 nbobjs=\"100000\"/></topology>"), "m"));
}

TEST_CASE("nothing hides from the check of XML where a parser would see it") {
    const std::string huge = "<object type=\"PU\" os_index=\"4294967294\"/>";
    const auto with = [](const std::string& text) {
        return replaced(kXml, "</topology>", text + "</topology>");
    };
    CHECK(check_hwloc_xml(with("<!-- " + huge + " -->"), "m"));
    CHECK_FALSE(check_hwloc_xml(with("<!-- -->" + huge), "m"));
    CHECK_FALSE(check_hwloc_xml(with("<!--><info a='-->" + huge + "'/>"), "m"));
    CHECK_FALSE(check_hwloc_xml(with("<?x '?>" + huge + "<?y '?>"), "m"));
    CHECK_FALSE(check_hwloc_xml(with("<info a=\"<\"/>"), "m"));
}

TEST_CASE("an error of the check of XML names the line") {
    const auto checked =
        check_hwloc_xml("<topology>\n <object type=\"PU\"\n os_index=\"99999999\"/>\n", "m.xml");
    REQUIRE_FALSE(checked);
    CHECK(checked.error().where == "m.xml:2");
    CHECK_FALSE(checked.error().hint.empty());
    CHECK(check_hwloc_xml("<topology>\n", "m.xml").error().where == "m.xml:2");
}

TEST_CASE("XML that is no topology is an error") {
    CHECK_FALSE(machine_from_hwloc_xml(
        "<?xml version=\"1.0\"?><topology><object type=\"Nothing\"/></topology>", "m.xml"));
}
