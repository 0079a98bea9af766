#!/usr/bin/env python3
"""A worker made by raw clone() has no thread state, so its objects may need nothing of libc that uses any.

usage: worker_symbols.py NM ARCHIVE|OBJECT [WORKERS' ARCHIVE]
With two files: may the first, which has handlers, run in the workers of the second?
"""
import subprocess, sys

# What compilers put in by themselves; none of it touches thread-local storage.
ALLOWED = {"memcpy", "memset", "memmove", "memcmp", "_GLOBAL_OFFSET_TABLE_"}


def symbols(nm, archive, option):
    out = subprocess.run([nm, option, "--no-sort", archive], check=True, capture_output=True, text=True).stdout
    return {line.split()[-1] for line in out.splitlines() if line.strip() and not line.endswith(":")}


def main():
    nm, archive = sys.argv[1:3]
    needed, own = symbols(nm, archive, "--undefined-only"), symbols(nm, archive, "--defined-only")
    for more in sys.argv[3:]:
        own |= symbols(nm, more, "--defined-only")
    if any(name.startswith(("__asan", "__ubsan", "__gcov")) for name in needed):
        print("skipped: instrumented objects need their runtime; the workers run on pthreads then")
        sys.exit(77)
    assert any("worker_main" in name for name in own), "not the worker's archive: " + archive
    foreign = sorted(needed - own - ALLOWED)
    thread_local = [line for line in subprocess.run([nm, archive], check=True, capture_output=True, text=True).stdout.splitlines()
                    if "__tls_get_addr" in line or "_ZTH" in line or "_ZTW" in line]
    assert not foreign, "a worker must not need %s" % ", ".join(foreign)
    assert not thread_local, thread_local
    print("%d symbols defined, needed from outside: %s" % (len(own), ", ".join(sorted(needed & ALLOWED))))


main()
