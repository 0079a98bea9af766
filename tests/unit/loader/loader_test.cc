#include "catch.h"
#include "loader/bls_entry.h"
#include "loader/efi_text.h"
#include "loader/grub_config.h"
#include "loader/grub_defaults.h"
#include "loader/grub_env.h"
#include "loader/line_words.h"
#include "loader/version_order.h"

using namespace torque::loader;

namespace {

bool is_isolcpus(std::string_view name) {
    return name == "isolcpus" || name == "nohz_full";
}

std::string changed(std::string_view line) {
    return with_words(line, is_isolcpus, "isolcpus=4 x");
}

constexpr const char* kMenu = R"(if [ -s $prefix/grubenv ]; then
  load_env
fi
if [ "${next_entry}" ] ; then
   set default="${next_entry}"
   save_env next_entry
else
   set default="DEFAULT"
fi
function gfxmode {
  set gfxpayload="${1}"
}
menuentry 'It'\''s "one"' --class os $menuentry_id_option 'id-one' {
  if true; then
    linux  /boot/vmlinuz root=UUID=1 ro  quiet
  fi
  initrd  /boot/initrd
}
submenu 'More > of it' $menuentry_id_option 'id-more' {
  menuentry 'two' --unrestricted --id id-two {
    linux16 /vmlinuz-2 ro
  }
  menuentry 'none' {
    chainloader +1
  }
}
)";

std::string menu(std::string_view chosen) {
    std::string text(kMenu);
    return text.replace(text.find("DEFAULT"), 7, chosen);
}

std::string line_of(std::string_view chosen, std::string_view saved = "") {
    const auto entry = default_entry(menu(chosen), saved);
    return entry ? entry->line : "error: " + entry.error().what;
}

}  // namespace

TEST_CASE("words of a boot line are replaced, and the rest stays to the byte") {
    CHECK(changed("") == "isolcpus=4 x");
    CHECK(changed("ro  quiet") == "ro  quiet isolcpus=4 x");
    CHECK(changed("ro ") == "ro isolcpus=4 x");
    CHECK(changed("isolcpus=1 ro nohz-full=2 \"isolcpus\"=3 quiet") == "ro quiet isolcpus=4 x");
    CHECK(changed("a=\"isolcpus=1 b\" isolcpus=\"1 2\" c") == "a=\"isolcpus=1 b\" c isolcpus=4 x");
    CHECK(changed("ro -- isolcpus=1") == "ro isolcpus=4 x -- isolcpus=1");
    CHECK(changed("-- single") == "isolcpus=4 x -- single");
    CHECK(changed("isolcpus_x=1 xisolcpus") == "isolcpus_x=1 xisolcpus isolcpus=4 x");
    CHECK(with_words("ro isolcpus=1", is_isolcpus, "") == "ro");
    CHECK(changed("ro \"open isolcpus=1") == "ro \"open isolcpus=1 isolcpus=4 x");
    CHECK(changed(changed("ro isolcpus=1")).find("isolcpus") == std::string("ro x ").size());
}

TEST_CASE("the default entry of a menu is found as GRUB finds it") {
    CHECK(line_of("0") == "root=UUID=1 ro  quiet");
    CHECK(line_of("id-one") == "root=UUID=1 ro  quiet");
    CHECK(line_of("It's \\\"one\\\"") == "root=UUID=1 ro  quiet");
    CHECK(line_of("1>0") == "ro");
    CHECK(line_of("More >> of it>two") == "ro");
    CHECK(line_of("${saved_entry}", "id-more>id-two") == "ro");
    CHECK(line_of("${saved_entry}") == "root=UUID=1 ro  quiet");
    CHECK(line_of("1").find("is a submenu") != std::string::npos);
    CHECK(line_of("2").find("none of its entries") != std::string::npos);
    CHECK(line_of("1>none").find("no Linux kernel") != std::string::npos);
    CHECK(line_of("0>0").find("none of its entries") != std::string::npos);
    CHECK_FALSE(default_entry("", "").has_value());
    CHECK_FALSE(default_entry("set default=0\nmenuentry 'x' {\n", "").has_value());
    CHECK_FALSE(default_entry("set default=0\n}\n}\n{\n", "").has_value());
}

TEST_CASE("a copy of an entry has another line, title and id") {
    const auto entry = default_entry(menu("1>0"), "");
    REQUIRE(entry);
    CHECK(entry_text(*entry, "a title", "an-id", "ro x") ==
          "menuentry 'a title' --id an-id --unrestricted {\n    linux16 /vmlinuz-2 ro x\n}\n");
    CHECK(boots_once(kMenu));
    CHECK_FALSE(boots_once("load_env\n"));
    CHECK_FALSE(reads_custom(kMenu));
    CHECK(reads_custom("  source ${config_directory}/custom.cfg\n"));
    CHECK_FALSE(reads_custom("# source /custom.cfg\n"));
    CHECK(takes_bls_entries("x\n  blscfg\n"));
    CHECK_FALSE(takes_bls_entries("insmod blscfg\n"));
}

TEST_CASE("GRUB's environment block keeps its size") {
    const auto made = with_grub_variable("", "next_entry", "x");
    REQUIRE(made);
    CHECK(made->size() == 1024);
    CHECK(grub_variable(*made, "next_entry") == "x");
    const auto other = with_grub_variable(*made, "saved_entry", "a>b");
    REQUIRE(other);
    CHECK(other->size() == 1024);
    CHECK(grub_variable(*other, "next_entry") == "x");
    CHECK(grub_variable(*other, "saved_entry") == "a>b");
    CHECK(with_grub_variable(*other, "saved_entry", std::nullopt).value_or("") == *made);
    CHECK_FALSE(with_grub_variable(*made, "x", std::string(1024, 'x')).has_value());
    CHECK_FALSE(with_grub_variable("nonsense", "x", "y").has_value());
    CHECK_FALSE(grub_variable("next_entry=x\n", "next_entry").has_value());
    CHECK_FALSE(grub_variable(*made, "entry").has_value());
}

TEST_CASE("parameters in GRUB's defaults are found with their line") {
    const auto line = [](std::string_view text) {
        const auto given = find_given(text, is_isolcpus);
        return given ? given->line : 0;
    };
    CHECK(line("GRUB_CMDLINE_LINUX=\"isolcpus=1\"\n") == 1);
    CHECK(line("A=1\nexport GRUB_CMDLINE_LINUX_DEFAULT='quiet isolcpus=1'") == 2);
    CHECK(line("GRUB_CMDLINE_LINUX=isolcpus=1") == 1);
    CHECK(line("GRUB_CMDLINE_LINUX=\"a\\\n isolcpus=1\"\n") == 1);
    CHECK(line("GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX nohz-full=1\"\n") == 1);
    CHECK(line("if x; then GRUB_CMDLINE_LINUX=\"isolcpus=1\"; fi\n") == 1);
    CHECK(line("# GRUB_CMDLINE_LINUX=\"isolcpus=1\"\n") == 0);
    CHECK(line("GRUB_CMDLINE_LINUX=\"isolcpu=1\"\nX=isolcpus=1\n") == 0);
}

TEST_CASE("entries are changed in their options alone") {
    constexpr const char* kEntry =
        "# a comment\ntitle  A title\nsort-key x\noptions\troot=1 isolcpus=2\noptions nohz_full=3 ro\nlinux "
        "/l";
    CHECK(bls_options(kEntry) == "root=1 isolcpus=2 nohz_full=3 ro");
    CHECK(with_bls_options(kEntry, is_isolcpus, "isolcpus=4") ==
          "# a comment\ntitle  A title\nsort-key x\noptions\troot=1\noptions ro isolcpus=4\nlinux /l");
    CHECK(with_bls_options("linux /l", is_isolcpus, "isolcpus=4") == "linux /l\noptions isolcpus=4\n");
    CHECK(with_bls_options("options\n", is_isolcpus, "x") == "options x\n");
    CHECK(bls_trial("title  A title\nsort-key x\nlinux /l\n", "T") == "title  T\nlinux /l\n");
    CHECK(bls_trial("linux /l\n", "T") == "title T\nlinux /l\n");
    CHECK(bls_id("debian-6.1+3-1.conf") == "debian-6.1");
    CHECK(bls_id("c++.conf") == "c++");
    CHECK(bls_tries_left("debian-6.1+0-3.conf") == 0);
    CHECK_FALSE(bls_tries_left("debian-6.1.conf").has_value());
}

TEST_CASE("entries are in the menu's order") {
    std::vector<BlsEntry> entries{{"a-6.9.conf", "", "sort-key k\nversion 6.9\n"},
                                  {"z.conf", "", ""},
                                  {"b+0-3.conf", "", "sort-key a\n"},
                                  {"a-6.10.conf", "", "sort-key k\nversion 6.10\n"},
                                  {"y.conf", "", ""}};
    const auto names = [&] {
        std::string out;
        for (const BlsEntry& one : entries) out += bls_id(one.file) + ' ';
        return out;
    };
    sort_entries(entries, EntryOrder::specification);
    CHECK(names() == "a-6.10 a-6.9 z y b ");
    sort_entries(entries, EntryOrder::names);
    CHECK(names() == "z y b a-6.10 a-6.9 ");
}

TEST_CASE("versions are compared as their specification has it") {
    // Each is older than the next; from the specification's own examples.
    for (const auto& [a, b] : {std::pair("1~rc1", "1"),
                               {"1", "1.1"},
                               {"a", "1"},
                               {"6.9", "6.10"},
                               {"1-2", "1.2"},
                               {"1", "1-1"},
                               {"abc", "abd"},
                               {"0a1b-6.1.0-9", "0a1b-6.1.0-10"},
                               {"", "1"},
                               {"~", ""},
                               {"a-torque", "arch"}}) {
        INFO(a << " " << b);
        CHECK(compare_versions(a, b) < 0);
        CHECK(compare_versions(b, a) > 0);
        CHECK(compare_versions(a, a) == 0);
    }
    CHECK(compare_versions("1_2", "12") < 0);
    CHECK(compare_versions("007", "7") == 0);
}

TEST_CASE("EFI variables hold UTF-16") {
    CHECK(read_efi_text(efi_text("torque-trial.conf")) == "torque-trial.conf");
    CHECK(efi_text("a") == std::string("\7\0\0\0a\0\0\0", 8));
    CHECK_FALSE(read_efi_text("").has_value());
    CHECK_FALSE(read_efi_text(std::string("\7\0\0\0a", 5)).has_value());
    CHECK_FALSE(read_efi_text(std::string("\7\0\0\0a\1", 6)).has_value());
    CHECK(read_efi_number(std::string("\6\0\0\0\x0a\1\0\0\0\0\0\0", 12)) == 0x10a);
    CHECK_FALSE(read_efi_number("\6").has_value());
}
