#include "sys/fresh_page.h"

#include <sys/mman.h>

#include <new>

namespace torque {

FreshPage::FreshPage()
    : bytes_(::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
    if (bytes_ == MAP_FAILED) throw std::bad_alloc();
}

FreshPage::~FreshPage() {
    ::munmap(bytes_, kBytes);
}

}  // namespace torque
