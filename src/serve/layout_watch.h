// Notices that a layout file was written anew, by its folder: a file renamed over it is another inode.
#pragma once

#include <string>
#include <string_view>

#include "base/fd.h"
#include "torque/result.h"

namespace torque::serve {

enum class LayoutChange { none, changed, folder_gone };

class LayoutWatch {
  public:
    // Watches the folder of `path`. What a symbolic link at `path` points to is not followed.
    // Errors: the folder is not there, or there are no watches left (fs.inotify.max_user_watches).
    static Result<LayoutWatch> open(const std::string& path);

    int fd() const { return fd_.get(); }
    // Takes all that the folder had to say since the last call; does not block.
    LayoutChange take();

  private:
    LayoutWatch(Fd fd, std::string name) : fd_(std::move(fd)), name_(std::move(name)) {}
    Fd fd_;
    std::string name_;
};

// What inotify(7) events, as read, say of the file `name`. Bytes that are no events say nothing.
LayoutChange judge_inotify(std::string_view events, std::string_view name);

}  // namespace torque::serve
