
#include "base/format.h"
#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {

// OpenMP 5.2, OMP_PLACES: a place a thread. Without quotes the lines suit sh, systemd and docker --env-file
// alike.
Result<std::string> emit_openmp(const Layout& layout) {
    return head(layout, "# ",
                {"Environment of the program: in sh, set -a and source the file; or EnvironmentFile= of a "
                 "service.",
                 "OMP_DISPLAY_AFFINITY=true makes the program print where its threads are."}) +
           formatted("OMP_NUM_THREADS={}\nOMP_PLACES={{{}}}\nOMP_PROC_BIND=true\n", layout.workers.size(),
                     worker_cpus(layout, "},{"));
}

}  // namespace torque::emit
