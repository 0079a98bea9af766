// What the main thread waits for, all on one ring: descriptors that become readable, and times.
//
// io_uring only says when there is something to read; it is read by read(2) and recvmsg(2) afterwards.
// signalfd and inotify know no read that does not block before Linux 6.10, so that a read on the ring would
// cost a kernel thread each. And it has no operations for what is set up (signalfd, inotify and their
// watches, binding a netlink socket before 6.11), nor for the end of a thread, which a worker tells by an
// eventfd instead.
#pragma once

#include <cstdint>

#include "serve/ring.h"
#include "torque/result.h"

namespace torque::serve {

class Events {
  public:
    // Errors: as ring_open().
    static Result<Events> open();
    Events(Events&& other) noexcept;
    Events& operator=(Events&& other) noexcept;
    Events(const Events&) = delete;
    Events& operator=(const Events&) = delete;
    ~Events();

    // wait() answers `name` once when `fd` is readable; watch it again after reading. The descriptor may be
    // closed meanwhile. Names are the caller's, below 2^32, one for each descriptor and each time.
    void watch(int fd, std::uint32_t name);
    // wait() answers `name` once after `ms` milliseconds, unless cancelled before.
    void set_timer(int ms, std::uint32_t name);
    void cancel_timer(std::uint32_t name);

    // Sleeps until there is something. Errors: the kernel refuses to wait, which is final.
    Result<std::uint32_t> wait();

  private:
    explicit Events(const Ring& ring) : ring_(ring) {}
    void submit(const Submission& entry);
    Ring ring_;
};

}  // namespace torque::serve
