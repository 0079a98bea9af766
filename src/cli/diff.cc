#include "torque/diff.h"

#include <unistd.h>

#include "cli/commands.h"
#include "cli/gather_clean.h"
#include "cli/output.h"
#include "layout/diff_json.h"
#include "render/diff.h"
#include "torque/discover.h"

namespace torque {
namespace {

// gather leaves values out of the boot line: what it left out of one of the two is no difference.
void clean_alike(std::optional<std::string>& a, std::optional<std::string>& b) {
    if (!a || !b) return;
    const std::string clean_a = clean_cmdline(*a), clean_b = clean_cmdline(*b);
    if (clean_a == *a)
        b = clean_b;
    else if (clean_b == *b)
        a = clean_a;
}

}  // namespace

Result<ExitStatus> run_diff(const DiffOptions& options) {
    if (options.a == "-" && options.b == "-") {
        return fail("standard input can be one of the two machines, not both", {}, {}, ErrorKind::usage);
    }
    Result<Machine> a = discover(options.a);
    if (!a) return tl::unexpected<Error>(a.error());
    Result<Machine> b = discover(options.b);
    if (!b) return tl::unexpected<Error>(b.error());
    clean_alike(a->host.cmdline, b->host.cmdline);
    const std::vector<Difference> differences = diff(*a, *b);
    const std::string &name_a = a->host.source, &name_b = b->host.source;
    const std::string text =
        options.json ? diff_json(differences, name_a, name_b) : render_diff(differences, name_a, name_b);
    if (const auto written = write_output(options.output, text); !written)
        return tl::unexpected<Error>(written.error());
    return differences.empty() ? kExitOk : kExitFound;
}

}  // namespace torque
