
#include "base/format.h"
#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {

// likwid-pin(1): a list without a domain names the kernel's CPUs, one for each thread, the first for main().
Result<std::string> emit_likwid(const Layout& layout) {
    return head(layout, "# ", {"Before the command; the main thread counts and takes the first CPU."}) +
           formatted("likwid-pin -c {}\n", worker_cpus(layout, ","));
}

}  // namespace torque::emit
