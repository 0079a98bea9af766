// Files: the files of a machine that are to be changed. Each call is one step that can fail, or be the last.
#pragma once

#include <memory>
#include <optional>
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
    static constexpr std::size_t kBytesMax = 1 << 20;  // of a file, else EFBIG

    virtual ~Files() = default;

    virtual Content read(const std::string& path) const = 0;
    // Into a file that is there, by one write(2), as the kernel's files want it.
    virtual int write(const std::string& path, const std::string& bytes) = 0;
    // The whole file, which need not be there: after a crash it is the old one or the new one. Absent bytes
    // take it away. Mode and owner stay; of a new one they are 0644 and this user's. A link is followed.
    // EFI variables are written as the kernel wants it (Documentation/filesystems/efivarfs.rst).
    virtual int replace(const std::string& path, const std::optional<std::string>& bytes) = 0;
    // Takes away what a replace() that was cut off has left beside the file.
    virtual void discard(const std::string& path) = 0;
    virtual int make_folder(const std::string& path) = 0;
    virtual int remove_folder(const std::string& path) = 0;
    virtual bool is_folder(const std::string& path) const = 0;
};

// Errors: `root` is no folder that may be opened. Links below it are followed.
Result<std::unique_ptr<Files>> open_files(const std::string& root);

}  // namespace torque
