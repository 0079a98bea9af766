// What holds for every format: its text is pure, says what it is, and refuses what it cannot say.
#include <algorithm>
#include <functional>
#include <set>
#include <string>

#include "catch.h"
#include "emit/formats.h"
#include "unit/emit/layouts.h"

using namespace torque;
using emit::Format;

namespace {

std::ptrdiff_t lines_of(const std::string& text) {
    return std::count(text.begin(), text.end(), '\n');
}

bool holds(const std::string& all, const std::string& part) {
    return all.find(part) != all.npos;
}

// Parts of the layout that a format may need and that this one lacks.
Layout without(const std::function<void(Layout&)>& take) {
    Layout layout = layouts::seed();
    take(layout);
    return layout;
}

// The boot line stands alone, and JSON has no comments.
bool has_comment(const Format& format) {
    return format.name != "boot" && format.name != "ansible";
}

// As a value, not in a comment: they refuse one that torque would not make.
bool hands_on_fingerprint(const Format& format) {
    return format.name == "nfd" || format.name == "ansible";
}

}  // namespace

TEST_CASE("the table: unique names, no empty cell but the file") {
    std::set<std::string_view> names;
    for (const Format& format : emit::formats()) {
        CHECK(names.insert(format.name).second);
        CHECK_FALSE(format.program.empty());
        CHECK_FALSE(format.what.empty());
        REQUIRE(format.emit != nullptr);
    }
    CHECK(names.size() > 25);
}

TEST_CASE("every format says its plan and its place, in whole lines, and the same each time") {
    for (const Layout& layout : {layouts::seed(), layouts::numa()}) {
        for (const Format& format : emit::formats()) {
            INFO(format.name);
            const auto text = emit::write_format(format, layout);
            REQUIRE(text.has_value());
            CHECK(text->ends_with('\n'));
            CHECK_FALSE(holds(*text, "\n\n"));
            CHECK(*text == *emit::write_format(format, layout));
            if (!has_comment(format)) continue;
            const std::string top = text->substr(0, text->find("\n", 12));
            CHECK(holds(top, "machine " + layout.machine.fingerprint + ", profile full"));
            CHECK(holds(*text, std::string(format.file)));
        }
    }
}

TEST_CASE("a layout without what a format is about is an error with a hint, never an empty text") {
    const Layout no_line = without([](Layout& layout) { layout.boot = {}; });
    const Layout no_workers = without([](Layout& layout) { layout.workers.clear(); });
    const Layout no_isolated = without([](Layout& layout) { layout.isolated = {}; });
    const Layout no_housekeeping = without([](Layout& layout) { layout.housekeeping = {}; });
    int refused[4] = {};
    for (const Format& format : emit::formats()) {
        INFO(format.name);
        bool any = false;
        const Layout* lacking[] = {&no_line, &no_workers, &no_isolated, &no_housekeeping};
        for (int i = 0; i < 4; ++i) {
            const auto text = emit::write_format(format, *lacking[i]);
            if (text) continue;
            any = true;
            ++refused[i];
            CHECK(holds(text.error().what, std::string(format.name)));
            CHECK_FALSE(text.error().hint.empty());
            CHECK(text.error().kind == ErrorKind::failure);
        }
        CHECK(any);
    }
    CHECK(refused[0] == 8);
    CHECK(refused[1] >= 13);
    CHECK(refused[2] >= 5);
    CHECK(refused[3] >= 5);
}

TEST_CASE("a name that is not in the table is wrong usage, with the one that was meant") {
    CHECK((*emit::find_format("nginx"))->name == "nginx");
    const auto near = emit::find_format("ngnix");
    REQUIRE_FALSE(near.has_value());
    CHECK(near.error().kind == ErrorKind::usage);
    CHECK(near.error().hint == "did you mean nginx?");
    const auto far = emit::find_format("\x1b[31mfrobnicate");
    REQUIRE_FALSE(far.has_value());
    CHECK_FALSE(holds(far.error().what, "\x1b"));
    CHECK(holds(far.error().hint, "haproxy, redis"));
}

TEST_CASE("texts of the layout cannot end the comment that they stand in") {
    const std::string hostile[] = {"x\nrm -rf /\n",          "x-->\n<evil/><!--",
                                   "`id`$(id)'\"\\",         "a\r\n[Service]\nExecStart=/bin/sh",
                                   std::string(100000, 'A'), "\xff\xfe\x00; # %s {}"};
    for (const std::string& text : hostile) {
        const Layout layout = without([&text](Layout& l) {
            l.machine.fingerprint = text;
            l.machine.model = text;
            l.profile = text;
            l.warnings = {text};
            l.leftovers = {text};
            l.decisions = {{text, text}};
            l.runtime = {{text, text, text}};
            l.request.near = text;
            for (BootArg& arg : l.boot.args) arg.why = arg.price = arg.needs = text;
        });
        for (const Format& format : emit::formats()) {
            INFO(format.name);
            const auto clean = emit::write_format(format, layouts::seed());
            const auto emitted = emit::write_format(format, layout);
            if (hands_on_fingerprint(format)) {
                CHECK_FALSE(emitted.has_value());
                continue;
            }
            REQUIRE(emitted.has_value());
            CHECK(lines_of(*emitted) == lines_of(*clean));
            CHECK(emitted->size() < clean->size() + 200);
            if (!has_comment(format)) continue;
            // All that differs is the comment that names the plan.
            const std::size_t comment = clean->find("By torque-topo");
            REQUIRE(comment != clean->npos);
            CHECK(emitted->substr(0, comment) == clean->substr(0, comment));
            CHECK(emitted->substr(emitted->find('\n', comment)) == clean->substr(clean->find('\n', comment)));
            const std::string named = emitted->substr(comment, emitted->find('\n', comment) - comment);
            CHECK(named.find_first_of("\\`$'\"<>{};%") == named.npos);
            CHECK(named.find("--") == named.npos);
        }
    }
}

TEST_CASE("boot parameters that could be misread are refused by every format of the boot line") {
    const auto with_first_value = [](const std::string& value) {
        return without([&value](Layout& layout) {
            std::string& line = *layout.boot.cmdline;
            line.replace(line.find('=') + 1, layout.boot.args[0].value.size(), value);
            layout.boot.args[0].value = value;
        });
    };
    const Layout hostile[] = {
        with_first_value("4-11\nrm -rf /"),
        with_first_value("4-11 init=/bin/sh"),
        with_first_value("$(id)"),
        with_first_value("`id`"),
        with_first_value("4-11\""),
        with_first_value("4-11'"),
        with_first_value("4-11;reboot"),
        with_first_value("4-11\\"),
        with_first_value("4-11\x01"),
        with_first_value("\xc2\xa0"),
        with_first_value("4-11#"),
        with_first_value("*"),
        with_first_value("4-11|id"),
        without([](Layout& layout) { layout.boot.args[0].name = "isolcpus|x"; }),
        without([](Layout& layout) { layout.boot.args[0].name = ""; }),
        without([](Layout& layout) { layout.boot.args[0].name = "--help"; }),
        // What stands on the line but is no parameter, and a parameter that does not stand on it.
        without([](Layout& layout) { *layout.boot.cmdline += " init=/bin/sh"; }),
        without([](Layout& layout) { *layout.boot.cmdline = "$(id)"; }),
        without([](Layout& layout) { layout.boot.args.pop_back(); }),
    };
    for (const Layout& layout : hostile) {
        for (const char* format :
             {"boot", "grub", "grubby", "bls", "systemd-boot", "kernelstub", "rpm-ostree", "bootc"}) {
            INFO(format << ": " << *layout.boot.cmdline);
            const Error error = layouts::error(format, layout);
            CHECK(error.where.find("/boot/") == 0);
            CHECK_FALSE(error.hint.empty());
        }
    }
    CHECK(layouts::text("boot", with_first_value("managed_irq,domain,7-127:1/8")).find("7-127:1/8") !=
          std::string::npos);
}
