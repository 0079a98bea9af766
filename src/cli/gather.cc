#include <unistd.h>

#include "cli/commands.h"
#include "cli/gather_cpuid.h"
#include "cli/gather_files.h"
#include "cli/output.h"
#include "sys/archive_writer.h"
#include "sys/host.h"

namespace torque {

Result<void> run_gather(const GatherOptions& options) {
    // To standard output goes a plain archive: the user has a pipe to compress it with.
    const auto compression = options.output == "-" ? Compression::none : compression_of(options.output);
    if (!compression) {
        return fail("the name does not say how to pack it", options.output,
                    "it must end in .tar, .tar.gz, .tar.xz or .tar.zst", ErrorKind::usage);
    }
    if (options.output == "-" && ::isatty(STDOUT_FILENO) != 0) {
        return fail("an archive is nothing for a terminal", "standard output",
                    "name a file with -o, or use a pipe", ErrorKind::usage);
    }
    const Result<Host> host = options.input.empty() ? Result<Host>(live_host()) : open_host(options.input);
    if (!host) return tl::unexpected<Error>(host.error());
    MemoryNode top;
    MemoryNode* machine = top.make("machine");
    if (host->root) gather_files(*host->root, *machine);
    if (host->cpuid) gather_cpuid(*host->cpuid, *machine->make("cpuid"));
    const Result<std::string> archive = write_archive(top, *compression);
    if (!archive) return tl::unexpected<Error>(archive.error());
    return write_output(options.output, *archive);
}

}  // namespace torque
