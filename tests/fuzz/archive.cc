// Archives of any kind: read within the limits, walked, packed again and read as the same tree.
#include "sys/archive.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "claim.h"
#include "sys/archive_writer.h"

namespace {

using torque::MemoryNode;

torque::Result<std::shared_ptr<const MemoryNode>> unpack(std::string_view bytes) {
    const torque::Fd file(::memfd_create("fuzz", MFD_CLOEXEC));
    if (::write(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) std::abort();
    ::lseek(file.get(), 0, SEEK_SET);
    torque::ArchiveLimits limits;
    limits.entries_max = 1000;
    limits.total_bytes_max = 1 << 20;
    return torque::read_archive(file.get(), "", "fuzz", limits);
}

void walk(const torque::Dir& dir, int depth) {
    for (const std::string& name : dir.list("")) {
        dir.read(name);
        dir.link(name);
        const auto below = depth > 0 ? dir.open(name) : nullptr;
        if (below != nullptr) walk(*below, depth - 1);
    }
}

bool is_same(const MemoryNode& a, const MemoryNode& b) {
    if (a.kind != b.kind || a.text != b.text || a.entries.size() != b.entries.size()) return false;
    for (auto i = a.entries.begin(), j = b.entries.begin(); i != a.entries.end(); ++i, ++j) {
        if (i->first != j->first || !is_same(i->second, j->second)) return false;
    }
    return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto tree = unpack(fuzz::text_of(data, size));
    if (!tree) return 0;
    walk(*torque::memory_dir(*tree, tree->get()), 4);
    const auto packed = torque::write_archive(**tree, torque::Compression::none);
    fuzz::claim(packed.has_value(), "a tree can be packed");
    const auto again = unpack(*packed);
    fuzz::claim(again.has_value() && is_same(**tree, **again), "what is packed is what was there");
    return 0;
}
