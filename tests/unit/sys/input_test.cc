#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/fd.h"
#include "catch.h"
#include "sys/cached_cpuid.h"
#include "sys/host.h"

using torque::Document;

namespace {

// A file with a text, gone at the end of the test.
class Given {
  public:
    explicit Given(const std::string& text) {
        const torque::Fd fd(::mkstemp(path_.data()));
        REQUIRE(::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    }
    ~Given() { ::unlink(path_.c_str()); }
    Given(const Given&) = delete;
    Given& operator=(const Given&) = delete;
    const std::string& path() const { return path_; }

  private:
    std::string path_ = "/tmp/torque-input-XXXXXX";
};

std::optional<Document::Kind> kind_of(const std::string& path) {
    const auto input = torque::open_input(path);
    const auto* document = input ? std::get_if<Document>(&*input) : nullptr;
    return document != nullptr ? std::optional(document->kind) : std::nullopt;
}

class OneCpu final : public torque::CpuidSource {
  public:
    std::vector<int> cpus() const override { return {0, 1}; }
    bool select(int cpu) override {
        ++selected;
        return cpu < 2;
    }
    std::optional<torque::CpuidRegs> get(std::uint32_t leaf, std::uint32_t) const override {
        ++asked;
        return leaf == 9 ? std::nullopt : std::optional(torque::CpuidRegs{leaf, 0, 0, 0});
    }
    std::string name() const override { return "one"; }
    int selected = 0;
    mutable int asked = 0;
};

}  // namespace

TEST_CASE("documents are recognised by how they start") {
    CHECK(kind_of(Given(" \n{\"schema\": 1}").path()) == Document::Kind::json);
    CHECK(kind_of(Given("\xef\xbb\xbf{}").path()) == Document::Kind::json);
    CHECK(kind_of(Given("// a comment\n{}").path()) == Document::Kind::json);
    CHECK(kind_of(Given("<?xml version=\"1.0\"?><topology/>").path()) == Document::Kind::xml);
    CHECK(kind_of(Given("<topology version=\"2.0\"></topology>").path()) == Document::Kind::xml);
    CHECK_FALSE(kind_of(Given("hello").path()));
    CHECK_FALSE(kind_of(Given("").path()));
}

TEST_CASE("a word that is no file and reads like a machine is a synthetic description") {
    CHECK(kind_of("pack:2 l3:2 core:8 pu:2") == Document::Kind::synthetic);
    CHECK(kind_of("[numa(memory=1GB)] pack:2 core:4 pu:1") == Document::Kind::synthetic);
    CHECK_FALSE(kind_of("machine.tar"));
    CHECK_FALSE(kind_of("/no/such/pack:2"));
    CHECK_FALSE(kind_of("pack:"));
    CHECK_FALSE(kind_of("host:port"));
}

TEST_CASE("where only files will do, a document is an error that says so") {
    const Given file("{}");
    const auto host = torque::open_host(file.path());
    REQUIRE_FALSE(host);
    CHECK(host.error().where == file.path());
}

TEST_CASE("proc/ alone is a machine, unless there is a sys/ further down") {
    namespace fs = std::filesystem;
    std::string top = "/tmp/torque-folder-XXXXXX";
    REQUIRE(::mkdtemp(top.data()) != nullptr);
    fs::create_directories(top + "/machine/proc");
    std::ofstream(top + "/machine/proc/cpuinfo") << "processor : 0\n";
    auto host = torque::open_host(top);
    REQUIRE(host);
    REQUIRE(host->root != nullptr);
    CHECK(host->root->read("proc/cpuinfo") == "processor : 0");
    fs::remove(top + "/machine/proc/cpuinfo");
    CHECK_FALSE(torque::open_host(top));
    fs::create_symlink("nowhere", top + "/machine/proc/cpuinfo");  // that it cannot be read is another error
    CHECK(torque::open_host(top));

    fs::create_directories(top + "/other/below/sys/devices");
    host = torque::open_host(top);
    REQUIRE(host);
    CHECK_FALSE(host->root->read("proc/cpuinfo"));
    fs::remove_all(top);
}

TEST_CASE("a document over the limit is refused") {
    const auto input = torque::open_input(Given("{" + std::string(Document::kBytesMax, ' ')).path());
    REQUIRE_FALSE(input);
    CHECK(input.error().what.find("MiB") != std::string::npos);
}

TEST_CASE("a CPU is asked no question twice") {
    OneCpu source;
    torque::CachedCpuid cache(source);
    REQUIRE(cache.select(0));
    CHECK(cache.get(1, 0)->eax == 1);
    CHECK(cache.get(1, 0)->eax == 1);
    CHECK_FALSE(cache.get(9, 0));
    CHECK_FALSE(cache.get(9, 0));
    REQUIRE(cache.select(1));
    CHECK(cache.get(1, 0)->eax == 1);
    CHECK(source.asked == 3);
    CHECK(source.selected == 2);
    CHECK_FALSE(cache.select(5));
}
