// The io_uring interface as this server uses it, with what the system's header may be too old to have.
#pragma once

#include <linux/io_uring.h>

#include <cstdint>

namespace torque::serve {

// Names of our own, so that an old header lacks nothing and a new one does not clash. The numbers are
// include/uapi/linux/io_uring.h; the version is the first kernel that takes them.

// io_uring_setup(2) flags.
inline constexpr std::uint32_t kSetupCqSize = 1U << 3;         // 5.5
inline constexpr std::uint32_t kSetupClamp = 1U << 4;          // 5.6
inline constexpr std::uint32_t kSetupSubmitAll = 1U << 7;      // 5.18
inline constexpr std::uint32_t kSetupCoopTaskrun = 1U << 8;    // 5.19
inline constexpr std::uint32_t kSetupSingleIssuer = 1U << 12;  // 6.0
inline constexpr std::uint32_t kSetupDeferTaskrun = 1U << 13;  // 6.1
inline constexpr std::uint32_t kSetupNoSqArray = 1U << 16;     // 6.6

// io_uring_params.features.
inline constexpr std::uint32_t kFeatureSingleMmap = 1U << 0;   // 5.4
inline constexpr std::uint32_t kFeatureNoDrop = 1U << 1;       // 5.5
inline constexpr std::uint32_t kFeatureExtArg = 1U << 8;       // 5.11
inline constexpr std::uint32_t kFeatureCqeSkip = 1U << 11;     // 5.17
inline constexpr std::uint32_t kFeatureMinTimeout = 1U << 15;  // 6.12

// io_uring_enter(2) flags.
inline constexpr std::uint32_t kEnterGetEvents = 1U << 0;
inline constexpr std::uint32_t kEnterExtArg = 1U << 3;
inline constexpr std::uint32_t kEnterRegisteredRing = 1U << 4;  // 5.18

// io_uring_register(2) operations.
inline constexpr unsigned kRegisterFilesUpdate = 6;
inline constexpr unsigned kRegisterFiles2 = 13;
inline constexpr unsigned kRegisterRingFds = 20;     // 5.18
inline constexpr unsigned kRegisterBufferRing = 22;  // 5.19
inline constexpr std::uint32_t kRegisterSparse = 1U << 0;

// Operations, and the flags that steer them.
enum class Op : std::uint8_t {
    poll_add = 6,
    timeout = 11,
    timeout_remove = 12,
    accept = 13,
    cancel = 14,
    connect = 16,
    close = 19,
    read = 22,
    send = 26,
    recv = 27
};
inline constexpr std::uint8_t kSqeFixedFile = 1U << 0;
inline constexpr std::uint8_t kSqeBufferSelect = 1U << 5;
inline constexpr std::uint8_t kSqeSkipSuccess = 1U << 6;
inline constexpr std::uint16_t kAcceptMultishot = 1U << 0;  // in ioprio
inline constexpr std::uint16_t kRecvPollFirst = 1U << 0;    // in ioprio
inline constexpr std::uint16_t kRecvMultishot = 1U << 1;    // in ioprio, 6.0
inline constexpr std::uint32_t kFileIndexAlloc = ~0U;       // a direct descriptor, any free slot

// io_uring_cqe.flags and the shared words of the rings.
inline constexpr std::uint32_t kCqeBuffer = 1U << 0;
inline constexpr std::uint32_t kCqeMore = 1U << 1;
inline constexpr unsigned kCqeBufferShift = 16;
inline constexpr std::uint32_t kSqCqOverflow = 1U << 1;

// io_uring_sqe, without its unions.
struct Submission {
    std::uint8_t opcode;  // Op
    std::uint8_t flags;   // kSqe*
    std::uint16_t ioprio;
    std::int32_t fd;
    std::uint64_t offset;
    std::uint64_t addr;
    std::uint32_t len;
    std::uint32_t msg_flags;
    std::uint64_t user_data;
    std::uint16_t buffer_group;
    std::uint16_t personality;
    std::uint32_t file_index;  // of a direct descriptor: slot + 1, or kFileIndexAlloc
    std::uint64_t unused[2];
};

// io_uring_cqe.
struct Completion {
    std::uint64_t user_data;
    std::int32_t res;  // of the operation, or -errno
    std::uint32_t flags;
};

// io_uring_getevents_arg; the third field was padding before 6.12.
struct EnterArg {
    std::uint64_t signal_mask;
    std::uint32_t signal_mask_size_bytes;
    std::uint32_t min_wait_us;
    std::uint64_t timeout;
};

// io_uring_rsrc_register.
struct ResourceRegister {
    std::uint32_t count;
    std::uint32_t flags;
    std::uint64_t reserved;
    std::uint64_t data;
    std::uint64_t tags;
};

// io_uring_rsrc_update, as kRegisterRingFds and kRegisterFilesUpdate take it.
struct ResourceUpdate {
    std::uint32_t offset;
    std::uint32_t reserved;
    std::uint64_t data;
};

// io_uring_buf: an entry of a provided buffer ring. The ring's tail lies over the first entry's `tail`.
struct BufferEntry {
    std::uint64_t address;
    std::uint32_t size_bytes;
    std::uint16_t id;
    std::uint16_t tail;
};

// io_uring_buf_reg.
struct BufferRegister {
    std::uint64_t ring_address;
    std::uint32_t ring_entries;
    std::uint16_t group;
    std::uint16_t flags;
    std::uint64_t reserved[3];
};

// __kernel_timespec.
struct KernelTime {
    std::int64_t seconds;
    std::int64_t nanoseconds;
};

static_assert(sizeof(Submission) == sizeof(io_uring_sqe) && sizeof(Completion) == 16);
static_assert(sizeof(EnterArg) == 24 && sizeof(ResourceRegister) == 32 && sizeof(ResourceUpdate) == 16);
static_assert(sizeof(BufferEntry) == 16 && sizeof(BufferRegister) == 40);

}  // namespace torque::serve
