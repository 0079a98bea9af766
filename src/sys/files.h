// Files: the files of a machine that are to be changed. Each call is one step that can fail, or be the last.
#pragma once

#include <memory>
#include <string>

#include "torque/result.h"

namespace torque {

struct Content {
    int error = 0;  // errno: ENOENT where there is no such file
    std::string bytes;
};

// Paths are absolute ("/sys/kernel/..."), below the root that the files were opened with. What gives an int
// gives 0 or an errno.
class Files {
  public:
    static constexpr std::size_t kBytesMax = 64 << 10;  // of a file, else EFBIG; a page is the kernel's usual

    virtual ~Files() = default;

    virtual Content read(const std::string& path) const = 0;
    // Into a file that is there, by one write(2), as the kernel's files want it.
    virtual int write(const std::string& path, const std::string& bytes) = 0;
    virtual int make_folder(const std::string& path) = 0;
    virtual int remove_folder(const std::string& path) = 0;
    virtual bool is_folder(const std::string& path) const = 0;
};

// Errors: `root` is no folder that may be opened. Links below it are followed.
Result<std::unique_ptr<Files>> open_files(const std::string& root);

}  // namespace torque
