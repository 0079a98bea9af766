#include "property/inputs.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "machine/build.h"
#include "sys/host.h"

namespace property {
namespace {

namespace fs = std::filesystem;
using torque::Dir;

constexpr const char* kFolders[] = {"accept/machines",        "corpus/hwloc-linux", "corpus/hwloc-x86",
                                    "corpus/hwloc-x86+linux", "corpus/lscpu-dumps", "corpus/nri-sysfs",
                                    "corpus/libcpuid",        "corpus/instlatx64",  "corpus/ghw-snapshots"};
constexpr std::string_view kEndings[] = {".tar.bz2", ".tar.gz", ".tar.xz", ".cpuid-r.txt.xz"};

// Lists every directory backwards, which no code may notice.
class ReversedDir : public Dir {
  public:
    explicit ReversedDir(std::unique_ptr<Dir> dir) : dir_(std::move(dir)) {}
    std::optional<std::string> read(std::string_view path) const override { return dir_->read(path); }
    std::unique_ptr<torque::PartsFile> open_file(std::string_view path) const override {
        return dir_->open_file(path);
    }
    std::vector<std::string> list(std::string_view path) const override {
        std::vector<std::string> names = dir_->list(path);
        std::reverse(names.begin(), names.end());
        return names;
    }
    std::unique_ptr<Dir> open(std::string_view path) const override { return wrapped(dir_->open(path)); }
    std::unique_ptr<Dir> as_root() const override { return wrapped(dir_->as_root()); }
    std::optional<std::string> link(std::string_view path) const override { return dir_->link(path); }

  private:
    static std::unique_ptr<Dir> wrapped(std::unique_ptr<Dir> dir) {
        return dir == nullptr ? nullptr : std::make_unique<ReversedDir>(std::move(dir));
    }
    std::unique_ptr<Dir> dir_;
};

// The corpus packs texts, which --input takes only as they are.
torque::Result<torque::Host> open_packed(const std::string& path) {
    const std::string command = "xz -dc '" + path + "'";
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "re"), pclose);
    if (!pipe) return torque::fail("cannot run xz");
    return torque::open_host("/dev/fd/" + std::to_string(fileno(pipe.get())));
}

bool is_input(const std::string& name) {
    return std::any_of(std::begin(kEndings), std::end(kEndings),
                       [&](std::string_view ending) { return name.ends_with(ending); });
}

}  // namespace

std::vector<std::string> inputs(const std::string& shared) {
    std::vector<std::string> out;
    for (const char* folder : kFolders) {
        std::error_code error;
        for (fs::recursive_directory_iterator at(fs::path(shared) / folder, error), end; !error && at != end;
             at.increment(error)) {
            const std::string name = at->path().filename().string();
            const bool is_reference = name.find(".upstream.") != name.npos;
            if (is_input(name) && !is_reference) out.push_back(at->path().string());
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

std::optional<torque::Machine> read(const std::string& path, Order order) {
    auto host = path.ends_with(".txt.xz") ? open_packed(path) : torque::open_host(path);
    if (!host) return std::nullopt;
    if (order == Order::reversed && host->root) {
        host->root = std::make_unique<ReversedDir>(std::move(host->root));
    }
    auto machine = torque::build_machine(*host);
    if (!machine) return std::nullopt;
    return std::move(*machine);
}

}  // namespace property
