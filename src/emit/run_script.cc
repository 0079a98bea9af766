#include "emit/run_script.h"

#include "base/format.h"
#include "emit/text.h"

namespace torque::emit {

Result<std::string> run_script(const Layout& layout,
                               const std::function<std::string(const Worker&)>& launcher) {
    std::string text = "#!/bin/sh\n";
    text += head(layout, "# ", {"usage: sh FILE WORKER COMMAND [ARGUMENT...]"});
    text +=
        "if [ $# -lt 2 ]; then\n    echo \"usage: $0 WORKER COMMAND [ARGUMENT...]\" >&2\n    exit 2\nfi\n";
    text += "worker=$1\nshift\ncase $worker in\n";
    for (const Worker& worker : layout.workers) {
        text += formatted("    {}) exec {} \"$@\" ;;\n", worker.id, launcher(worker));
    }
    text += formatted("esac\necho \"$0: workers are 0 to {}, not $worker\" >&2\nexit 2\n",
                      layout.workers.size() - 1);
    return text;
}

}  // namespace torque::emit
