// FreshPage: a page of memory that nobody has touched yet.
#pragma once

#include <cstddef>

namespace torque {

// The kernel takes it from the NUMA node of the thread that touches it first. Throws std::bad_alloc.
class FreshPage {
  public:
    static constexpr std::size_t kBytes = 4096;

    FreshPage();
    ~FreshPage();
    FreshPage(const FreshPage&) = delete;
    FreshPage& operator=(const FreshPage&) = delete;

    void* bytes() const { return bytes_; }  // kBytes of them, aligned to as many

  private:
    void* bytes_;
};

}  // namespace torque
