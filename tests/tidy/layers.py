"""Includes point with the data flow, as CMakeLists.txt states it, and third-party headers stay where they are."""

import re
import sys

import tree

# Programs are no layers by torque_layer(): their CMakeLists.txt says what they link.
PROGRAMS = {"serve": "src/serve", "load": "src/load", "apart": "src/apart", "cli": "src/cli"}

# What a program must never see, whatever its CMakeLists.txt says. The server trusts only the layout, and torque-topo
# is static: it cannot load libraries.
FORBIDDEN = {"serve": {"probes", "plan", "machine"}, "load": {"probes", "plan", "machine"}, "cli": {"libraries"}}

# Third-party headers: pattern, the files that may include them, how many files at most, in words.
EVERYWHERE = r".*"
THIRD_PARTY = [
    (r"nlohmann/", r"src/layout/", None, "only in src/layout"),
    (r"CLI/", r"src/(cli|serve)/[^/]*\.cc", "folder", "only in one .cc file of each program"),
    (r"archive(_entry)?\.h", r"src/sys/archive(_writer)?\.cc", None, "only in src/sys/archive.cc and archive_writer.cc"),
    (r"fmt/", r"src/base/format\.(cc|h)", None, "only in src/base/format.h and format.cc"),
    (r"hwloc(/|\.h)", r"probes/libraries/.*\.cc", "project", "only in one .cc file of probes/libraries"),
    (r"dlfcn\.h", r"probes/libraries/.*\.cc", None, "only in probes/libraries, which torque-apart alone has"),
    (r"libcpuid", r"probes/.*\.cc", "project", "only in one .cc file of probes"),
    (r"numa(if)?\.h", r"(probes|src/serve)/.*\.cc", "project", "only in one .cc file"),
    (r"liburing", r"src/serve/", "project", "only in one file of src/serve"),
    (r"tl/expected\.hpp", r"include/torque/result\.h", None, "only in include/torque/result.h"),
]

# Everything else in <> has to be the language's or the system's.
SYSTEM = re.compile(r"[a-z_]+$|(sys|linux|asm|arpa|netinet|net)/[\w/]+\.h$|"
                    r"(cpuid|dirent|elf|errno|fcntl|fnmatch|ifaddrs|immintrin|langinfo|link|netdb|poll|pthread|sched|"
                    r"signal|spawn|stdint|stdlib|string|strings|stddef|termios|time|unistd|x86intrin)\.h$")


def read_layers(root, faults):
    """{layer: (folder, the layers that it uses)} from the build's own statements."""
    layers = {}
    text = re.sub(r"#[^\n]*", "", tree.read(root, "CMakeLists.txt"))
    for name, folder, uses in re.findall(r"torque_layer\(\s*(\w+)\s+([\w/]+)(?:\s+USES([\s\w]*))?\)", text):
        used = set((uses or "").split())
        for other in sorted(used - set(layers)):
            faults.append(f"CMakeLists.txt: {name} uses {other}, which is not above it: data flows one way")
        layers[name] = (folder, used)
        extra = root / folder / "dependencies.cmake"
        if extra.is_file():
            for other in sorted(set(re.findall(r"\btorque_(\w+)", extra.read_text())) & set(layers) - {name}):
                faults.append(f"{folder}/dependencies.cmake: links {other}: say so under USES in CMakeLists.txt")
    for name, folder in PROGRAMS.items():
        path = f"{folder}/CMakeLists.txt"
        linked = set()
        if (root / path).is_file():
            text = re.sub(r"#[^\n]*", "", tree.read(root, path))
            for call in re.findall(r"target_link_libraries\(([^)]*)\)", text):
                linked |= {name.removesuffix("_options") for name in re.findall(r"\btorque_(\w+)", call)} & set(layers)
        for other in sorted(linked & FORBIDDEN.get(name, set())):
            faults.append(f"{path}: {name} must not use {other}")
        layers[name] = (folder, linked)
    return layers


def check_project_include(path, number, header, layer, layers, faults):
    seen = header.split("/")[0]
    if seen == "torque":
        return
    if seen not in layers:
        faults.append(f"{path}:{number}: \"{header}\" is of no layer: write \"layer/file.h\"")
    elif seen != layer and (layer is None or seen not in layers[layer][1]):
        faults.append(f"{path}:{number}: {layer or 'include/torque'} includes \"{header}\" but does not use {seen}")


def check_third_party(path, number, header, users, faults):
    for pattern, where, _, words in THIRD_PARTY:
        if re.match(pattern, header):
            users.setdefault(pattern, set()).add(path)
            if not re.match(where + ("$" if where.endswith("cc") else ""), path):
                faults.append(f"{path}:{number}: <{header}> {words}")
            return
    if not SYSTEM.match(header) and not header.startswith("torque/"):
        faults.append(f"{path}:{number}: <{header}> is no known header: add it to tests/tidy/layers.py")


def check_counts(users, faults):
    for pattern, _, most, words in THIRD_PARTY:
        paths = sorted(users.get(pattern, ()))
        groups = {}
        for path in paths:
            groups.setdefault(path.rsplit("/", 1)[0] if most == "folder" else "", []).append(path)
        for group in groups.values():
            if most and len(group) > 1:
                faults.append(f"{', '.join(group)}: {pattern} {words}")


def main():
    root = tree.arguments(__doc__).root
    faults, users, looked_at = [], {}, 0
    layers = read_layers(root, faults)
    if len(layers) <= len(PROGRAMS):
        sys.exit("no torque_layer() found in CMakeLists.txt: this lint must follow the build")
    for path in tree.cpp_files(root, "src", "probes", "include"):
        looked_at += 1
        layer = next((name for name, (folder, _) in layers.items() if path.startswith(folder + "/")), None)
        if layer is None and not path.startswith("include/torque/"):
            faults.append(f"{path}: is in no layer")
        for number, header in tree.includes(tree.read(root, path)):
            if header.startswith('"'):
                check_project_include(path, number, header[1:-1], layer, layers, faults)
            else:
                check_third_party(path, number, header[1:-1], users, faults)
    check_counts(users, faults)
    tree.report(faults, looked_at)


main()
