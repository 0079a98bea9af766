// The layout that the command line names, read and verified.
#pragma once

#include <string>

#include "serve/options.h"
#include "sys/dir.h"
#include "torque/layout.h"
#include "torque/result.h"

namespace torque::serve {

struct Given {
    std::string text;  // as it was read
    Layout layout;
};

// Errors: it cannot be read, is no layout, cannot be served, or is another machine's, which with --force is
// only said.
Result<Given> read_layout(const Options& options, const Dir& root);
// The file as it is now.
Result<std::string> read_layout_text(const Options& options);

}  // namespace torque::serve
