#include "sys/archive_writer.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "catch.h"
#include "sys/archive.h"

using torque::Compression;
using torque::MemoryNode;

namespace {

MemoryNode tree() {
    MemoryNode top;
    *top.make("m/b") = {MemoryNode::Kind::file, "beta\n", {}};
    *top.make("m/a") = {MemoryNode::Kind::file, "", {}};
    *top.make("m/link") = {MemoryNode::Kind::link, "../m/b", {}};
    *top.make("m/" + std::string(150, 'x') + "/" + std::string(90, 'y')) = {
        MemoryNode::Kind::file, std::string(513, 'z'), {}};
    *top.make("m/long") = {MemoryNode::Kind::link, std::string(140, 't'), {}};
    top.make("m/folder");
    return top;
}

bool same(const MemoryNode& a, const MemoryNode& b) {
    if (a.kind != b.kind || a.text != b.text || a.entries.size() != b.entries.size()) return false;
    return std::equal(
        a.entries.begin(), a.entries.end(), b.entries.begin(),
        [](const auto& x, const auto& y) { return x.first == y.first && same(x.second, y.second); });
}

}  // namespace

TEST_CASE("what is packed is what is unpacked, in every compression") {
    for (const auto compression :
         {Compression::none, Compression::gzip, Compression::xz, Compression::zstd}) {
        const auto bytes = torque::write_archive(tree(), compression);
        REQUIRE(bytes);
        const torque::Fd fd(::memfd_create("archive", 0));
        const auto read = torque::read_archive(fd.get(), *bytes, "test");
        REQUIRE(read);
        CHECK(same(**read, tree()));
        CHECK(torque::write_archive(tree(), compression).value() == *bytes);
    }
}

TEST_CASE("the end of the name says how to pack") {
    CHECK(torque::compression_of("a.tar") == Compression::none);
    CHECK(torque::compression_of("a.b.tar.gz") == Compression::gzip);
    CHECK(torque::compression_of("a.tgz") == Compression::gzip);
    CHECK(torque::compression_of("a.tar.xz") == Compression::xz);
    CHECK(torque::compression_of("a.tar.zst") == Compression::zstd);
    CHECK_FALSE(torque::compression_of("a.zip"));
    CHECK_FALSE(torque::compression_of("tar"));
}
