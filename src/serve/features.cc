#include "serve/features.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/fd.h"
#include "base/format.h"
#include "serve/arrivals.h"

namespace torque::serve {
namespace {

constexpr std::uint32_t kSqEntries = 1024;
// More completions than this in one loop are kept by the kernel until the next, which is counted and slower.
constexpr std::uint32_t kCqEntries = 8192;

struct SetupFlag {
    std::uint32_t flag;
    std::uint32_t with;  // flags that it does not go without
    const char* name;
    const char* since;
    const char* gain;
};

constexpr SetupFlag kSetupFlags[] = {
    {kSetupSubmitAll, 0, "SUBMIT_ALL", "5.18", "a bad entry does not stop the ones behind it"},
    {kSetupCoopTaskrun, 0, "COOP_TASKRUN", "5.19", "no interrupts; where DEFER_TASKRUN is not"},
    {kSetupSingleIssuer, 0, "SINGLE_ISSUER", "6.0", "no locking of submissions"},
    {kSetupDeferTaskrun, kSetupSingleIssuer, "DEFER_TASKRUN", "6.1", "batched completions: 20% of the CPU"},
    {kSetupNoSqArray, 0, "NO_SQARRAY", "6.6", "no indirection of submissions: 15% of the CPU"},
};

struct RingCloser {
    Ring ring;
    RingCloser() = default;
    RingCloser(const RingCloser&) = delete;
    RingCloser& operator=(const RingCloser&) = delete;
    ~RingCloser() { ring_close(ring); }
};

tl::unexpected<Error> io_uring_is_off(int error, const Dir& root) {
    const std::string disabled = root.read("proc/sys/kernel/io_uring_disabled").value_or("0");
    if (error == -EPERM && disabled == "2") {
        return fail("io_uring is switched off on this machine (kernel.io_uring_disabled = 2)", {},
                    "as root: sysctl kernel.io_uring_disabled=0");
    }
    if (error == -EPERM && disabled == "1") {
        return fail(
            "io_uring is for privileged users only on this machine (kernel.io_uring_disabled = 1)", {},
            "run as root, join the group of kernel.io_uring_group, or: sysctl kernel.io_uring_disabled=0");
    }
    if (error == -EPERM || error == -EACCES) {
        return fail("io_uring is forbidden to this process", {},
                    "a container's seccomp profile does that: allow io_uring_setup, io_uring_enter and "
                    "io_uring_register (docker: --security-opt seccomp=PROFILE)");
    }
    if (error == -ENOSYS) {
        return fail("the kernel has no io_uring", {},
                    "it needs Linux 6.0 or later with CONFIG_IO_URING; a container's seccomp profile can "
                    "hide it too");
    }
    if (error == -ENOMEM) {
        return fail("io_uring has no memory for a ring", {},
                    "raise RLIMIT_MEMLOCK (ulimit -l), or free memory");
    }
    return fail(formatted("cannot set up io_uring: {}", std::strerror(-error)));
}

int try_flags(std::uint32_t flags) {
    RingCloser closer;
    return ring_open(closer.ring, {flags, 8, 0});
}

// Does a multishot receive stay armed after its first completion?
bool has_multishot_receive(Ring& ring, void* page) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return false;
    const Fd near(ends[0]);
    const Fd far(ends[1]);
    auto* entries = static_cast<BufferEntry*>(page);
    entries[0].address = reinterpret_cast<std::uint64_t>(page) + 2048;
    entries[0].size_bytes = 64;
    __atomic_store_n(&entries[0].tail, std::uint16_t{1}, __ATOMIC_RELEASE);
    Submission* entry = ring_next(ring);
    *entry = Submission{};
    entry->opcode = static_cast<std::uint8_t>(Op::recv);
    entry->flags = kSqeBufferSelect;
    entry->ioprio = kRecvMultishot;
    entry->fd = near.get();
    if (write(far.get(), "x", 1) != 1 || ring_enter(ring, 1, 0) < 0) return false;
    const std::uint32_t head = __atomic_load_n(ring.cq_head, __ATOMIC_RELAXED);
    if (__atomic_load_n(ring.cq_tail, __ATOMIC_ACQUIRE) == head) return false;
    const Completion completion = ring.cqes[head & ring.cq_mask];
    __atomic_store_n(ring.cq_head, head + 1, __ATOMIC_RELEASE);
    return completion.res == 1 && (completion.flags & kCqeMore) != 0;
}

void probe_registrations(Ring& ring, Features& features) {
    const bool self = ring_register_self(ring) == 0;
    const bool files = ring_register_files(ring, 16) == 0;
    void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const bool buffers =
        page != MAP_FAILED && ring_register_buffers(ring, static_cast<BufferEntry*>(page), 8) == 0;
    const bool multishot = buffers && has_multishot_receive(ring, page);
    features.has_min_wait = (ring.features & kFeatureMinTimeout) != 0;
    const bool skips = (ring.features & kFeatureCqeSkip) != 0;
    ring_close(ring);  // before the page that it knows goes away
    if (page != MAP_FAILED) munmap(page, 4096);
    auto& rows = features.rows;
    rows.push_back({"registered ring", "5.18", "cheaper io_uring_enter", false, self});
    rows.push_back({"empty fixed files", "5.19", "connections without descriptors", true, files});
    rows.push_back({"buffer ring", "5.19", "receive buffers shared by all connections", true, buffers});
    rows.push_back({"multishot receive", "6.0", "one submission for a whole connection: 12% of the CPU", true,
                    multishot});
    rows.push_back({"silent success", "5.17", "no completion for a send that worked", true, skips});
    rows.push_back({"minimum wait", "6.12", "batches under load: 16% of the CPU of an unsaturated worker",
                    false, features.has_min_wait});
}

Result<Features> ask_ring(const Dir& root) {
    if (const int error = try_flags(0); error < 0) return io_uring_is_off(error, root);
    Features features;
    std::uint32_t taken = 0;
    for (const SetupFlag& row : kSetupFlags) {
        const bool is_there = (row.with & ~taken) == 0 && try_flags(row.flag | row.with) == 0;
        if (is_there) taken |= row.flag;
        features.rows.push_back({row.name, row.since, row.gain, false, is_there});
    }
    if ((taken & kSetupDeferTaskrun) != 0) taken &= ~kSetupCoopTaskrun;
    features.ring = {taken | kSetupCqSize | kSetupClamp, kSqEntries, kCqEntries};
    RingCloser closer;
    if (const int error = ring_open(closer.ring, features.ring); error < 0)
        return io_uring_is_off(error, root);
    probe_registrations(closer.ring, features);
    return features;
}

}  // namespace

Result<Features> list_features(const Dir& root) {
    Result<Features> features = ask_ring(root);
    if (!features) return features;
    features->rows.push_back(
        {"incoming CPU", "6.2",
         "connections stay where their packets come in, if each worker has a queue: 7% of the CPU", false,
         has_arrivals()});
    return features;
}

Result<Features> probe_features(const Dir& root) {
    Result<Features> features = ask_ring(root);
    if (!features) return features;
    for (const Feature& row : features->rows) {
        if (row.is_needed && !row.is_there) {
            return fail(
                formatted("this kernel's io_uring has no {}", row.name), {},
                formatted("it came with Linux {}; torque-serve --features lists what is there", row.since));
        }
    }
    return features;
}

std::string features_table(const Features& features) {
    std::string table = formatted("{:<20} {:<6} {:<5} {}\n", "asked", "since", "got", "for");
    for (const Feature& row : features.rows) {
        table += formatted("{:<20} {:<6} {:<5} {}{}\n", row.name, row.since, row.is_there ? "yes" : "no",
                           row.gain, row.is_needed ? " (needed)" : "");
    }
    return table;
}

}  // namespace torque::serve
