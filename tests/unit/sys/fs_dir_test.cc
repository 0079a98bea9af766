#include "sys/fs_dir.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "catch.h"
#include "sys/host.h"

namespace fs = std::filesystem;
using torque::Links;

namespace {

// A temporary folder with a snapshot "machine" in it and a secret beside it.
class Folder {
  public:
    Folder() {
        char name[] = "/tmp/torque-test-XXXXXX";
        REQUIRE(::mkdtemp(name) != nullptr);
        path = name;
        write("secret", "outside\n");
        write("machine/sys/devices/system/cpu/online", "0-3\n");
        write("machine/proc/version", "Linux version 6.12.0\n");
        fs::create_symlink("/sys/devices/system/cpu/online", path / "machine/absolute");
        fs::create_symlink("../../../../secret", path / "machine/sys/devices/outwards");
        fs::create_symlink("../../proc/version", path / "machine/sys/devices/version");
        ::mkfifo((path / "machine/fifo").c_str(), 0600);
    }
    ~Folder() { fs::remove_all(path); }

    void write(const std::string& name, const std::string& text) const {
        fs::create_directories((path / name).parent_path());
        std::ofstream(path / name) << text;
    }

    fs::path path;
};

}  // namespace

TEST_CASE("a snapshot's links stay inside it") {
    const Folder folder;
    const auto root = torque::open_fs_dir((folder.path / "machine").string(), Links::contain);
    REQUIRE(root.has_value());
    if (*root == nullptr) {
        WARN("skipped: this kernel or sandbox has no openat2(2)");
        return;
    }
    const torque::Dir& dir = **root;
    CHECK(dir.read("sys/devices/system/cpu/online") == "0-3");
    CHECK(dir.read("absolute") == "0-3");
    CHECK_FALSE(dir.read("../secret").has_value());
    CHECK_FALSE(dir.read("sys/devices/outwards").has_value());

    const auto devices = dir.open("sys/devices");
    REQUIRE(devices != nullptr);
    CHECK(devices->read("version") == "Linux version 6.12.0");
    CHECK_FALSE(devices->read("outwards").has_value());
    CHECK(devices->link("version") == "../../proc/version");
}

TEST_CASE("a fifo in a snapshot holds nothing, and does not block") {
    const Folder folder;
    const auto root = torque::open_fs_dir((folder.path / "machine").string(), Links::contain);
    REQUIRE(root.has_value());
    if (*root != nullptr) CHECK((*root)->read("fifo").value_or("").empty());
}

TEST_CASE("a snapshot is found below folders of any name") {
    const Folder folder;
    for (const fs::path& path : {folder.path, folder.path / "machine"}) {
        const auto host = torque::open_host(path.string());
        REQUIRE(host.has_value());
        CHECK_FALSE(host->is_live);
        CHECK(host->root->read("sys/devices/system/cpu/online") == "0-3");
        CHECK_FALSE(host->root->read("../secret").has_value());
    }
}

TEST_CASE("inputs that are no machine are refused by name") {
    const Folder folder;
    folder.write("empty", "");
    folder.write("text", "hello\n");
    fs::create_directories(folder.path / "nothing");
    for (const char* name : {"empty", "text", "nothing", "missing"}) {
        const std::string path = (folder.path / name).string();
        const auto host = torque::open_host(path);
        REQUIRE_FALSE(host.has_value());
        CHECK(host.error().where == path);
    }
}

TEST_CASE("the live host reads the running kernel") {
    const torque::Host host = torque::live_host();
    CHECK(host.is_live);
    REQUIRE(host.root != nullptr);
    CHECK(host.root->read("proc/version").value_or("").starts_with("Linux version"));
}

TEST_CASE("a part of a file is as long as was asked, though the kernel gives a page at a time") {
    const auto root = torque::open_fs_dir("/", Links::follow);
    REQUIRE(root.has_value());
    const auto file = *root != nullptr ? (*root)->open_file("proc/kallsyms") : nullptr;
    if (file == nullptr) {
        WARN("skipped: this kernel or sandbox has no /proc/kallsyms");
        return;
    }
    constexpr std::size_t kBytes = 65536;
    CHECK(file->read_at(0, kBytes).size() == kBytes);
}
