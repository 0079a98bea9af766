#include "sys/archive.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "base/fd.h"
#include "catch.h"

using torque::ArchiveLimits;
using torque::MemoryNode;

namespace {

// One header of the ustar format (POSIX.1-2017, pax(1)), and the content in blocks of 512 bytes.
std::string ustar(const std::string& name, const std::string& content, char type = '0',
                  const std::string& target = {}) {
    char header[512] = {};
    std::snprintf(header, 100, "%s", name.c_str());
    std::snprintf(header + 100, 8, "%07o", 0644);
    std::snprintf(header + 124, 12, "%011zo", content.size());
    std::snprintf(header + 136, 12, "%011o", 0);
    header[156] = type;
    std::snprintf(header + 157, 100, "%s", target.c_str());
    std::memcpy(header + 257, "ustar\00000", 8);
    std::memset(header + 148, ' ', 8);
    unsigned sum = 0;
    for (char c : header) sum += static_cast<unsigned char>(c);
    std::snprintf(header + 148, 8, "%06o", sum);
    std::string out(header, sizeof header);
    out += content;
    out.resize((out.size() + 511) / 512 * 512, '\0');
    return out;
}

torque::Result<std::shared_ptr<const MemoryNode>> read(const std::string& tar,
                                                       const ArchiveLimits& limits = {}) {
    const torque::Fd file(::memfd_create("archive", MFD_CLOEXEC));
    REQUIRE(::write(file.get(), tar.data(), tar.size()) == static_cast<ssize_t>(tar.size()));
    REQUIRE(::lseek(file.get(), 0, SEEK_SET) == 0);
    return torque::read_archive(file.get(), "", "test.tar", limits);
}

const std::string kEnd(1024, '\0');

}  // namespace

TEST_CASE("files, folders and links of an archive are held as they are") {
    const auto tree = read(ustar("m/sys/a", "1\n") + ustar("m/sys/b/", "", '5') +
                           ustar("m/l", "", '2', "sys/a") + ustar("m/hard", "", '1', "m/sys/a") + kEnd);
    REQUIRE(tree.has_value());
    const auto root = torque::memory_dir(*tree, tree->get());
    CHECK(root->read("m/sys/a") == "1");
    CHECK(root->read("m/l") == "1");
    CHECK(root->read("m/hard") == "1");
    CHECK(root->list("m/sys") == std::vector<std::string>{"a", "b"});
}

TEST_CASE("the padding of files that tar took straight from sysfs is dropped") {
    const auto tree = read(ustar("sys/online", std::string("0-3\n") + std::string(4092, '\0')) + kEnd);
    REQUIRE(tree.has_value());
    CHECK(torque::memory_dir(*tree, tree->get())->read("sys/online") == "0-3");
}

TEST_CASE("entries that lead out of the archive are left out") {
    const auto tree =
        read(ustar("../evil", "x") + ustar("sys/../../evil", "x") + ustar("/sys/a", "1") + kEnd);
    REQUIRE(tree.has_value());
    const auto root = torque::memory_dir(*tree, tree->get());
    CHECK(root->list("") == std::vector<std::string>{"sys"});
    CHECK(root->read("sys/a") == "1");
}

TEST_CASE("what is over a limit is refused, and the error names the archive") {
    ArchiveLimits limits;
    limits.entries_max = 3;
    limits.file_bytes_max = 100;
    limits.total_bytes_max = 150;
    limits.depth_max = 4;
    const std::string small = ustar("a", "1");
    CHECK(read(small + small + kEnd, limits).has_value());
    for (const std::string& tar :
         {small + small + small + small, ustar("a/b/c/d", "1") + small, ustar("a", std::string(101, 'x')),
          ustar("a", std::string(90, 'x')) + ustar("b", std::string(90, 'x')), ustar("a/b/c/d/e/f", "1")}) {
        const auto tree = read(tar + kEnd, limits);
        REQUIRE_FALSE(tree.has_value());
        CHECK(tree.error().where == "test.tar");
        CHECK(tree.error().what.find("too large") != std::string::npos);
    }
}

TEST_CASE("a compressed file that is no archive is a text, of which there is a most") {
    // gzip of "hello, world\n"
    const unsigned char bytes[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xcb,
                                   0x48, 0xcd, 0xc9, 0xc9, 0xd7, 0x51, 0x28, 0xcf, 0x2f, 0xca, 0x49,
                                   0xe1, 0x02, 0x00, 0x53, 0x74, 0x24, 0xf4, 0x0d, 0x00, 0x00, 0x00};
    const std::string packed(reinterpret_cast<const char*>(bytes), sizeof bytes);
    const auto unpack = [](const std::string& head, std::uint64_t bytes_max) {
        const torque::Fd empty(::memfd_create("empty", MFD_CLOEXEC));
        return torque::read_packed(empty.get(), head, "test.gz", bytes_max);
    };
    const auto whole = unpack(packed, 13);
    REQUIRE(whole.has_value());
    CHECK(whole->tree == nullptr);
    CHECK(whole->text == "hello, world\n");
    CHECK_FALSE(unpack(packed, 12).has_value());
    CHECK_FALSE(unpack(packed.substr(0, 20), 13).has_value());
    CHECK_FALSE(unpack("hello, world\n", 13).has_value());  // compressed it must be
    CHECK_FALSE(read(packed).has_value());
    const auto archive = unpack(ustar("a", "1") + kEnd, 13);
    REQUIRE(archive.has_value());
    REQUIRE(archive->tree != nullptr);
    CHECK(torque::memory_dir(archive->tree, archive->tree.get())->read("a") == "1");
}

TEST_CASE("what is no archive, or half of one, is refused") {
    CHECK_FALSE(read("hello, world\n").has_value());
    CHECK_FALSE(read(std::string(100000, 'x')).has_value());
    const std::string whole = ustar("a", std::string(5000, 'x')) + kEnd;
    CHECK_FALSE(read(whole.substr(0, 3000)).has_value());
    const auto cut = read(ustar("a", "1") + ustar("b", "2"));  // between two files, before the end mark
    REQUIRE_FALSE(cut.has_value());
    CHECK(cut.error().what == "the archive is cut short");
}
