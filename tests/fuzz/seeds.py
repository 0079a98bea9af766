"""Inputs for the fuzzers to begin with: from the project's own fixtures, and from real machines where they are there.

usage: seeds.py --into FOLDER [--shared FOLDER]

Writes FOLDER/seeds/NAME/, a folder of inputs for each fuzzer, and FOLDER/seeds/NAME.dict, the words of its format,
and empties FOLDER/found/NAME/, where the fuzzer may keep what it finds. The shared folder holds corpus/, the dumps
and snapshots of real machines; it is beside the checkout unless said otherwise, and not needed.
"""

import argparse
import bz2
import gzip
import hashlib
import itertools
import json
import lzma
import pathlib
import re
import shutil
import sys
import tarfile

import words

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "machines"))

import machines  # noqa: E402
import tarball  # noqa: E402
from files import Link  # noqa: E402

SEED_BYTES_MAX = 48 << 10  # longer ones are mutated too slowly to be of use
FILE_BYTES_MAX = 3000  # of a file of a snapshot
DUMP_BYTES_MAX = 8000  # of a text dump: the first CPU or two
REAL_MAX = 12  # inputs of one kind from the corpus
REAL_BYTES_MAX = 200 << 10  # larger archives take seconds to unpack
INDEXED = re.compile(r"/(cpu|node|index)(\d+)(?=/|$)")
KEPT = {"cpu": 4, "node": 2, "index": 4}  # of a machine's many like files
SHARES = (("^proc/", 4000), ("/node/", 3000), ("/cpu/", 11000), ("", 6000))  # bytes of a snapshot, by path


# Snapshots as tests/fuzz/tree.h reads them.

def is_kept(path):
    return all(int(number) < KEPT.get(kind, 1 << 20) for kind, number in INDEXED.findall(path))


def pack(files):
    """{path: bytes or Link} as one input: some of each part of the machine."""
    parts = {pattern: b"" for pattern, _ in SHARES}
    for path in sorted(filter(is_kept, files)):
        content = files[path]
        is_link = isinstance(content, Link)
        data = content.target.encode() if is_link else content[:FILE_BYTES_MAX]
        piece = path.encode(errors="replace") + (b"@" if is_link else b"") + b"\n" + data + b"\0"
        pattern, share = next(row for row in SHARES if re.search(row[0], path))
        if b"\0" not in piece[:-1] and len(parts[pattern]) + len(piece) <= share:
            parts[pattern] += piece
    return b"".join(parts.values())


def made_up_files(name):
    return {path: content if isinstance(content, Link) else content.encode() for path, content in machines.tree(name).items()}


def real_files(path):
    """The files of a snapshot in an archive, by their path from proc/ or sys/ on."""
    files = {}
    with tarfile.open(path) as archive:
        for member in archive:
            at = re.search(r"(?:^|/)((?:proc|sys)/.*)", member.name)
            if at and member.issym():
                files[at.group(1)] = Link(member.linkname)
            elif at and member.isreg() and member.size <= 1 << 20:
                files[at.group(1)] = archive.extractfile(member).read()
    return files


def real_cpuid_files(path):
    files = {}
    with tarfile.open(path) as archive:
        for member in archive:
            name = pathlib.PurePath(member.name).name
            if member.isreg() and re.fullmatch(r"pu[0-3]", name):
                files[name] = archive.extractfile(member).read()
    return b"".join(name.encode() + b"\n" + text + b"\0" for name, text in sorted(files.items()))[:SEED_BYTES_MAX]


# What each fuzzer begins with.

def real(shared, pattern):
    """Some files of the corpus, spread over all that there are."""
    found = sorted(path for path in (shared / "corpus").glob(pattern) if path.stat().st_size <= REAL_BYTES_MAX)
    return found[::max(1, len(found) // REAL_MAX)][:REAL_MAX]


def snapshots(shared):
    yield from (pack(made_up_files(name)) for name in machines.names())
    for kind in ("hwloc-linux", "lscpu-dumps", "ghw-snapshots", "nri-sysfs"):
        for path in real(shared, f"{kind}/*/*.tar.*"):
            yield pack(real_files(path))


def cpuid_texts(shared):
    yield from words.CPUID_DUMPS
    for dialect in ("aida64", "cpuid-r", "libcpuid"):
        for path in itertools.chain(real(shared, f"libcpuid/*.{dialect}.txt.xz"), real(shared, f"instlatx64/*.{dialect}.txt.xz")):
            text = lzma.decompress(path.read_bytes())[:DUMP_BYTES_MAX]
            yield text[:text.rfind(b"\n") + 1]


def cpuid_folders(shared):
    yield from words.CPUID_FOLDERS
    yield from (real_cpuid_files(path) for path in real(shared, "hwloc-x86*/*/*.tar.*"))


def archives(shared):
    names = ("vm-no-caches", "nohz-null")
    for name in names:
        files = dict(sorted(machines.tree(name).items())[:40])
        tar = b"".join(tarball.entry(path, kind=tarball.LINK, target=content.target) if isinstance(content, Link)
                       else tarball.entry(path, content.encode()) for path, content in files.items()) + tarball.END
        yield from (tar, gzip.compress(tar, mtime=0), bz2.compress(tar), lzma.compress(tar))
        yield lzma.compress(tar, format=lzma.FORMAT_ALONE)
    yield tarball.entry("a/b", b"x") + tarball.entry("a/c", kind=tarball.HARD_LINK, target="a/b") + tarball.END
    for path in real(shared, "*/*/*.tar.*"):
        if path.stat().st_size <= SEED_BYTES_MAX:
            yield path.read_bytes()


def golden(pattern):
    return [path.read_bytes() for path in sorted((ROOT / "tests" / "golden").glob(pattern))]


def fleet():
    layouts = [json.loads(text) for text in golden("*/plan-1.json")]
    targets = [{"input": f"{number}.tar", "layout": layout} for number, layout in enumerate(layouts)]
    return json.dumps({"schema": "torque.fleet/1", "lines": [], "targets": targets}).encode()


def boot_lines(_):
    lines = set(words.BOOT_LINES)
    lines |= {machines.machine(name).cmdline for name in machines.names()}
    lines |= {json.loads(text)["boot"]["cmdline"] or "" for text in golden("*/plan-*.json")}
    return (bytes([number * 37 & 0xff]) + line.encode() for number, line in enumerate(sorted(lines)))


def cpu_sets(_):
    """Lists and masks as a machine's files hold them."""
    for name in machines.names():
        for path, content in machines.tree(name).items():
            if isinstance(content, str) and re.search(r"(list|_cpus|siblings|map|online|possible)$", path):
                yield content.strip().encode()


def kernel_lists(shared):
    for text in itertools.chain(words.KERNEL_LISTS, cpu_sets(shared)):
        yield b"\x07" + text


def cleaned(shared):
    yield from (line[1:] for line in boot_lines(shared))
    for name in machines.names():
        files = made_up_files(name)
        yield from (files[path][:FILE_BYTES_MAX] for path in ("proc/cpuinfo", "proc/version", "proc/self/mounts") if path in files)


def hwloc_xml(shared):
    yield from words.HWLOC_XML
    yield from (path.read_bytes() for path in real(shared, "*/*/*.ref.xml"))


def documents(_):
    return golden("*/show.json")


def latencies(_):
    yield from words.LATENCIES
    nested = "\n".join(",".join(str(7 + a % 3 if a // 2 == b // 2 else 21 + b % 2 if a // 8 == b // 8 else 90 + a % 5)
                                for b in range(a)) for a in range(32))
    yield nested.encode()
    yield from words.MEASURED


def inputs(shared):
    for make in (cpuid_texts, archives, hwloc_xml, documents):
        yield from itertools.islice(make(shared), 12)


SEEDS = {
    "archive": archives,
    "boot_line": boot_lines,
    "boot_loader": lambda _: words.BOOT_FILES,
    "cpu_set": cpu_sets,
    "cpuid_files": cpuid_folders,
    "cpuid_text": cpuid_texts,
    "emit": lambda _: golden("*/plan-*.json"),
    "gather_clean": cleaned,
    "http": lambda _: words.HTTP,
    "hwloc_xml": hwloc_xml,
    "input": inputs,
    "journal": lambda _: words.JOURNALS,
    "kernel_events": lambda _: words.KERNEL_EVENTS,
    "kernel_list": kernel_lists,
    "latency_matrix": latencies,
    "layout_json": lambda _: golden("*/plan-*.json") + [fleet()],
    "load_reply": lambda _: words.LOAD_REPLY,
    "machine_json": documents,
    "parse": lambda _: words.PARSE,
    "pci_ids": lambda _: words.PCI_IDS,
    "profile_json": lambda _: [path.read_bytes() for path in sorted((ROOT / "profiles").glob("*.json"))],
    "serve_options": lambda _: words.SERVE_OPTIONS,
    "snapshot": snapshots,
}


# The words of the formats.

def json_words(seeds):
    """Keys and short texts of the documents."""
    found = set()
    for seed in seeds:
        found.update(re.findall(rb'"[\w./ -]{1,24}"(?:: )?', seed))
    return sorted(found)


def path_words(seeds):
    """Paths of a snapshot's files, with what parts them from their neighbours."""
    found = set()
    for seed in seeds:
        found.update(b"\0" + path + b"\n" for path in re.findall(rb"(?:^|\0)([^\n\0]{1,100})\n", seed))
    return sorted(found)


FOUND_WORDS = {"emit": json_words, "input": json_words, "latency_matrix": json_words, "layout_json": json_words,
               "machine_json": json_words, "profile_json": json_words, "snapshot": path_words}
DICTIONARY_MAX = 400


def dictionary(name, seeds):
    listed = [word.encode("latin-1") for word in words.WORDS.get(name, ())]
    found = FOUND_WORDS.get(name, lambda _: [])(seeds)
    listed += found[::len(found) // DICTIONARY_MAX + 1]
    return "".join('"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n' for word in listed)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--into", type=pathlib.Path, required=True)
    parser.add_argument("--shared", type=pathlib.Path, default=ROOT.parent / "shared")
    options = parser.parse_args()
    folders = [options.into / "seeds", options.into / "found"]
    for name, make in SEEDS.items():
        seeds = sorted({seed for seed in make(options.shared) if 0 < len(seed) <= SEED_BYTES_MAX})
        if not seeds:
            sys.exit(f"there is nothing for {name} to begin with")
        for folder in folders:
            shutil.rmtree(folder / name, ignore_errors=True)
            (folder / name).mkdir(parents=True)
        for seed in seeds:
            (folders[0] / name / hashlib.sha1(seed).hexdigest()).write_bytes(seed)
        (folders[0] / f"{name}.dict").write_text(dictionary(name, seeds))
        print(f"{name}: {len(seeds)} inputs")


main()
