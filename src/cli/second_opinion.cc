#include "cli/second_opinion.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/fd.h"
#include "base/format.h"
#include "base/parse.h"
#include "cli/gather_cpuid.h"
#include "cli/gather_files.h"
#include "cli/output.h"
#include "discover/read_machine.h"
#include "machine/findings_hwloc.h"

namespace torque {
namespace {

class TemporaryFolder {
  public:
    // In memory where that can be: a disk's file system takes seconds for the folders of a large machine.
    TemporaryFolder() {
        for (const char* parent : {"/dev/shm", "/tmp"}) {
            std::string name = std::string(parent) + "/torque-XXXXXX";
            if (::mkdtemp(name.data()) == nullptr) continue;
            path_ = std::move(name);
            return;
        }
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::string& path() const { return path_; }  // empty: it could not be made

  private:
    std::string path_;
};

// Whether a link that stands `depth` folders below the root leads to something below it: "../" at most as
// often as that, and names from there on. The folders on the way are no links themselves.
bool stays_inside(std::string_view target, int depth) {
    if (target.empty() || target.starts_with('/')) return false;
    bool is_down = false;
    while (!target.empty()) {
        const std::string_view part = take_until(target, '/');
        if (part != "..") {
            is_down = true;
        } else if (is_down || --depth < 0) {
            return false;
        }
    }
    return true;
}

// False when the file system refused.
bool write_tree(const MemoryNode& node, const std::string& path, int depth) {
    switch (node.kind) {
        case MemoryNode::Kind::link:
            return !stays_inside(node.text, depth - 1) || ::symlink(node.text.c_str(), path.c_str()) == 0;
        case MemoryNode::Kind::file: {
            const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
            return fd && write_all(fd.get(), node.text);
        }
        case MemoryNode::Kind::directory:
            break;
    }
    if (depth > 0 && ::mkdir(path.c_str(), 0700) != 0) return false;
    return std::all_of(node.entries.begin(), node.entries.end(), [&](const auto& entry) {
        return write_tree(entry.second, path + "/" + entry.first, depth + 1);
    });
}

Result<Machine> ask_hwloc_about(const Host& host) {
    const auto ask = [&](const std::string& root, const std::string& cpuid) {
        return read_apart({"own", host.name, root, cpuid}, {}, host.name);
    };
    if (host.is_live) return ask({}, {});
    const TemporaryFolder folder;
    const auto refused = [&] {
        return fail(formatted("cannot write a copy for hwloc: {}", std::strerror(errno)),
                    folder.path().empty() ? "/dev/shm, /tmp" : folder.path());
    };
    if (folder.path().empty()) return refused();
    std::string root, cpuid;
    MemoryNode top;
    if (host.root) {
        gather_files(*host.root, top);
        root = folder.path();
    }
    if (host.cpuid) {
        gather_cpuid(*host.cpuid, *top.make("cpuid"));
        cpuid = folder.path() + "/cpuid";
    }
    if (!write_tree(top, folder.path(), 0)) return refused();
    return ask(root, cpuid);
}

Result<Machine> opinion_of_file(const std::string& path) {
    const Result<Input> input = open_input(path);
    if (!input) {
        return fail(input.error().what, input.error().where,
                    "--compare takes the word hwloc, or a file of hwloc's XML (lstopo machine.xml)");
    }
    const auto* document = std::get_if<Document>(&*input);
    if (document == nullptr || document->kind != Document::Kind::xml) {
        return fail("it is no XML of hwloc", path, "torque-topo diff compares machines of any kind");
    }
    return read_apart({"xml", document->name}, document->text, path);
}

}  // namespace

Result<void> add_second_opinion(const std::string& opinion, const Host* host, Machine& machine) {
    const bool is_own = opinion == "hwloc";
    if (is_own && host == nullptr) {
        return fail("hwloc needs the files of a machine or its CPUID, not a document", machine.host.source,
                    "name hwloc's own view of that machine instead: --compare machine.xml");
    }
    const Result<Machine> other = is_own ? ask_hwloc_about(*host) : opinion_of_file(opinion);
    if (!other) {
        Error error = other.error();
        if (error.hint.empty())
            error.hint = "hwloc gives up where CPUs or APIC ids are missing; leave out --compare";
        return tl::unexpected<Error>(std::move(error));
    }
    find_hwloc_differences(*other, machine);
    return {};
}

}  // namespace torque
