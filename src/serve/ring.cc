#include "serve/ring.h"

#include <sys/mman.h>
#include <cerrno>

#include "serve/syscalls.h"

namespace torque::serve {
namespace {

std::uint32_t* word_at(void* base, std::uint32_t offset_bytes) {
    return reinterpret_cast<std::uint32_t*>(static_cast<char*>(base) + offset_bytes);
}

bool is_error(long result) {
    return result < 0 && result > -4096;
}

long map_ring(int fd, std::uint64_t bytes, std::uint64_t offset) {
    return system_call(SYS_mmap, 0, static_cast<long>(bytes), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_POPULATE, fd, static_cast<long>(offset));
}

int register_with(int fd, unsigned operation, const void* argument, unsigned count) {
    return static_cast<int>(system_call(SYS_io_uring_register, fd, operation, address(argument), count));
}

void find_words(Ring& ring, const io_uring_params& params) {
    ring.sq_head = word_at(ring.rings, params.sq_off.head);
    ring.sq_tail = word_at(ring.rings, params.sq_off.tail);
    ring.sq_flags = word_at(ring.rings, params.sq_off.flags);
    ring.sq_mask = params.sq_entries - 1;
    ring.cq_head = word_at(ring.rings, params.cq_off.head);
    ring.cq_tail = word_at(ring.rings, params.cq_off.tail);
    ring.cq_overflow = word_at(ring.rings, params.cq_off.overflow);
    ring.cq_mask = params.cq_entries - 1;
    ring.cqes = reinterpret_cast<const Completion*>(static_cast<char*>(ring.rings) + params.cq_off.cqes);
    if ((params.flags & kSetupNoSqArray) == 0) {
        // Entry i of the queue is always sqes[i], so the indirection is filled once.
        std::uint32_t* array = word_at(ring.rings, params.sq_off.array);
        for (std::uint32_t i = 0; i < params.sq_entries; ++i) array[i] = i;
    }
}

}  // namespace

int ring_open(Ring& ring, const RingSetup& setup) {
    io_uring_params params{};
    params.flags = setup.flags;
    params.cq_entries = setup.cq_entries;
    ring = Ring{};
    const long fd = system_call(SYS_io_uring_setup, setup.sq_entries, address(&params));
    if (fd < 0) return static_cast<int>(fd);
    ring.fd = ring.enter_fd = static_cast<int>(fd);
    ring.features = params.features;
    if ((params.features & kFeatureSingleMmap) == 0 || (params.features & kFeatureNoDrop) == 0) {
        ring_close(ring);
        return -ENOSYS;
    }
    const std::uint64_t sq_bytes =
        params.sq_off.array + std::uint64_t{params.sq_entries} * sizeof(std::uint32_t);
    const std::uint64_t cq_bytes = params.cq_off.cqes + std::uint64_t{params.cq_entries} * sizeof(Completion);
    ring.rings_bytes = sq_bytes > cq_bytes ? sq_bytes : cq_bytes;
    ring.sqes_bytes = std::uint64_t{params.sq_entries} * sizeof(Submission);
    const long rings = map_ring(ring.fd, ring.rings_bytes, IORING_OFF_SQ_RING);
    const long sqes = is_error(rings) ? rings : map_ring(ring.fd, ring.sqes_bytes, IORING_OFF_SQES);
    if (!is_error(rings)) ring.rings = reinterpret_cast<void*>(rings);
    if (is_error(sqes)) {
        ring_close(ring);
        return static_cast<int>(sqes);
    }
    ring.sqes = reinterpret_cast<Submission*>(sqes);
    find_words(ring, params);
    return 0;
}

void ring_close(Ring& ring) {
    if (ring.sqes) system_call(SYS_munmap, address(ring.sqes), static_cast<long>(ring.sqes_bytes));
    if (ring.rings) system_call(SYS_munmap, address(ring.rings), static_cast<long>(ring.rings_bytes));
    if (ring.fd >= 0) system_call(SYS_close, ring.fd);
    ring = Ring{};
}

int ring_register_self(Ring& ring) {
    ResourceUpdate update{};
    update.offset = ~0U;  // any index
    update.data = static_cast<std::uint64_t>(ring.fd);
    const int result = register_with(ring.fd, kRegisterRingFds, &update, 1);
    if (result < 0) return result;
    ring.enter_fd = static_cast<int>(update.offset);
    ring.enter_flags = kEnterRegisteredRing;
    return 0;
}

int ring_register_files(const Ring& ring, std::uint32_t slots) {
    ResourceRegister table{};
    table.count = slots;
    table.flags = kRegisterSparse;
    return register_with(ring.fd, kRegisterFiles2, &table, sizeof table);
}

int ring_put_file(const Ring& ring, std::uint32_t slot, int fd) {
    ResourceUpdate update{};
    update.offset = slot;
    update.data = reinterpret_cast<std::uint64_t>(&fd);
    const int result = register_with(ring.fd, kRegisterFilesUpdate, &update, 1);
    return result == 1 ? 0 : result;
}

int ring_register_buffers(const Ring& ring, BufferEntry* entries, std::uint32_t count) {
    BufferRegister group{};
    group.ring_address = reinterpret_cast<std::uint64_t>(entries);
    group.ring_entries = count;
    return register_with(ring.fd, kRegisterBufferRing, &group, 1);
}

int ring_enter(Ring& ring, std::uint32_t wait_count, std::uint32_t min_wait_us) {
    __atomic_store_n(ring.sq_tail, ring.local_tail, __ATOMIC_RELEASE);
    const std::uint32_t pending = ring.local_tail - __atomic_load_n(ring.sq_head, __ATOMIC_ACQUIRE);
    const bool bounded = min_wait_us != 0 && (ring.features & kFeatureMinTimeout) != 0;
    const EnterArg arg{0, 0, min_wait_us, 0};
    const std::uint32_t flags = ring.enter_flags | kEnterGetEvents | (bounded ? kEnterExtArg : 0);
    return static_cast<int>(system_call(SYS_io_uring_enter, ring.enter_fd, pending, wait_count, flags,
                                        bounded ? address(&arg) : 0, bounded ? sizeof arg : 0));
}

}  // namespace torque::serve
