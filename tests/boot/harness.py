"""What the tests that boot share: their options, why they cannot run here, two guests at a time, the report."""

import argparse
import concurrent.futures
import pathlib
import subprocess
import sys

import guest
import initramfs
import kernels

SKIPPED = 77  # ctest's SKIP_RETURN_CODE
ROOT = pathlib.Path(__file__).resolve().parents[2]
GUESTS_AT_ONCE = 2


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def options(about, *flags, lists=()):
    """flags: (name, help) of switches that the test has beside the common options; lists: (name, choices, help)."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--topo", required=True, type=pathlib.Path, help="the program torque-topo")
    parser.add_argument("--serve", type=pathlib.Path, help="the program torque-serve")
    parser.add_argument("--kernels", required=True, type=pathlib.Path, help="folder that keeps the kernels")
    parser.add_argument("--kernel", action="append", choices=kernels.PACKAGES, help="only this; default: each")
    for name, text in flags:
        parser.add_argument(name, action="store_true", help=text)
    for name, choices, text in lists:
        parser.add_argument(name, action="append", choices=choices, metavar="NAME", help=text)
    return parser.parse_args()


def need(given):
    """The kernels to boot; ends the test where this machine cannot."""
    if guest.version() is None:
        skip("QEMU is not installed (Debian: qemu-system-x86)")
    if initramfs.busybox() is None:
        skip("a static busybox is not installed (Debian: busybox-static)")
    try:
        return [kernels.kernel(series, given.kernels) for series in given.kernel or kernels.PACKAGES]
    except kernels.Missing as why:
        skip(str(why))


def topo(program, *arguments):
    """torque-topo on this machine, not in a guest: (exit status, standard output)."""
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60)
    if done.stderr:
        raise RuntimeError(f"torque-topo {' '.join(map(str, arguments))}: {done.stderr}")
    return done.returncode, done.stdout


def each(work, items):
    """work(item) of each, in the items' order; as many at a time as guests may run."""
    with concurrent.futures.ThreadPoolExecutor(GUESTS_AT_ONCE) as pool:
        return list(pool.map(work, items))


def scenes(work, items):
    """work(item), which gives (faults, boots), of each: all faults and all boots. A guest that dies is a fault."""
    def attempt(item):
        try:
            return work(item)
        except guest.Died as death:
            return [str(death)], []
    done = each(attempt, items)
    return [fault for faults, _ in done for fault in faults], [boot for _, boots in done for boot in boots]


def finish(faults, boots):
    """Prints the report and ends the test. Nothing booted is a fault: no test must pass by mistake."""
    for fault in faults or ([] if boots else ["nothing was booted"]):
        print(f"fault: {fault}")
    if boots:
        slowest = max(boots, key=lambda boot: boot.seconds)
        print(f"{len(boots)} boots, {sum(boot.seconds for boot in boots) / len(boots):.1f} s each, "
              f"at most {slowest.seconds:.1f} s")
    print(f"{len(faults)} faults")
    sys.exit(1 if faults or not boots else 0)
