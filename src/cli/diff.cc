#include "torque/diff.h"

#include <unistd.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "layout/diff_json.h"
#include "render/diff.h"
#include "torque/discover.h"

namespace torque {

Result<ExitStatus> run_diff(const DiffOptions& options) {
    if (options.a == "-" && options.b == "-") {
        return fail("standard input can be one of the two machines, not both", {}, {}, ErrorKind::usage);
    }
    const Result<Machine> a = discover(options.a);
    if (!a) return tl::unexpected<Error>(a.error());
    const Result<Machine> b = discover(options.b);
    if (!b) return tl::unexpected<Error>(b.error());
    const std::vector<Difference> differences = diff(*a, *b);
    const std::string &name_a = a->host.source, &name_b = b->host.source;
    const std::string text =
        options.json ? diff_json(differences, name_a, name_b) : render_diff(differences, name_a, name_b);
    if (const auto written = write_output(options.output, text); !written)
        return tl::unexpected<Error>(written.error());
    return differences.empty() ? kExitOk : kExitFound;
}

}  // namespace torque
