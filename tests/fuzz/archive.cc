// Archives of any kind: read within the limits, and every path of the result can be walked.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

#include "base/fd.h"
#include "sys/archive.h"

namespace {

void walk(const torque::Dir& dir, int depth) {
    for (const std::string& name : dir.list("")) {
        dir.read(name);
        dir.link(name);
        const auto below = depth > 0 ? dir.open(name) : nullptr;
        if (below != nullptr) walk(*below, depth - 1);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const torque::Fd file(::memfd_create("fuzz", MFD_CLOEXEC));
    if (::write(file.get(), data, size) != static_cast<ssize_t>(size)) return 0;
    ::lseek(file.get(), 0, SEEK_SET);
    torque::ArchiveLimits limits;
    limits.entries_max = 1000;
    limits.total_bytes_max = 1 << 20;
    const auto tree = torque::read_archive(file.get(), "", "fuzz", limits);
    if (tree) walk(*torque::memory_dir(*tree, tree->get()), 4);
    return 0;
}
