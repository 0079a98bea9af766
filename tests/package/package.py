"""The .debs: hold what they should, install into an empty root, run there, and leave nothing when they are removed.

usage: package.py --build FOLDER
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
PACKAGES = ("torque", "libtorque-dev")
ROOT = pathlib.Path(__file__).resolve().parents[2]
WANTED = (
    "usr/bin/torque-topo", "usr/bin/torque-serve", "usr/bin/torque-load", "usr/libexec/torque/torque-apart",
    "usr/lib/systemd/system/torque-serve.service",
    "usr/share/bash-completion/completions/torque-topo", "usr/share/zsh/site-functions/_torque-topo",
    "usr/share/fish/vendor_completions.d/torque-topo.fish",
    "usr/share/bash-completion/completions/torque-serve", "usr/share/bash-completion/completions/torque-load",
    "usr/share/fish/vendor_completions.d/torque-serve.fish", "usr/share/fish/vendor_completions.d/torque-load.fish",
    "usr/share/doc/torque/copyright",
)


DEVELOPMENT = (
    "usr/include/torque/discover.h", "usr/include/torque/planner.h", "usr/include/torque/version.h",
    "usr/share/doc/libtorque-dev/copyright",
)


def run(*command, **how):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, **how)
    if done.returncode != 0:
        sys.exit(f"package: {' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def files_below(root):
    return {str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir()}


def check_files(root):
    there = files_below(root)
    wanted = set(WANTED)
    wanted |= {f"usr/share/man/man{page.suffix[1:]}/{page.name}" for page in (ROOT / "man").iterdir()}
    wanted |= {f"usr/share/torque/profiles/{file.name}" for file in (ROOT / "profiles").iterdir()}
    wanted |= {f"usr/share/torque/schemas/{file.name}" for file in (ROOT / "src/layout/schemas").iterdir()}
    wanted |= {f"usr/share/doc/torque/{file.relative_to(ROOT)}" for file in (ROOT / "examples").rglob("*") if file.is_file()}
    if missing := sorted(wanted - there):
        sys.exit(f"package: not in the package: {missing}")
    # On merged systems these are links, which a package's folder would replace.
    if stray := sorted(name for name in there if not name.startswith(("usr/", "etc/", "var/lib/dpkg/"))):
        sys.exit(f"package: outside of usr/: {stray}")


def check_development(root, work):
    """Programs are made with it, and nothing of it is of the other package."""
    there = files_below(root)
    if missing := sorted(set(DEVELOPMENT) - there):
        sys.exit(f"package: not in libtorque-dev: {missing}")
    for name in ("libtorque.a", "torqueConfig.cmake", "torque.pc"):
        if not any(path.endswith("/" + name) for path in there):
            sys.exit(f"package: not in libtorque-dev: {name}")
    pc = next(root.rglob("torque.pc")).parent
    flags = run("pkg-config", "--cflags", "--libs", "torque", env={**os.environ, "PKG_CONFIG_PATH": str(pc)}).split()
    run("c++", ROOT / "tests/library/plan_here.cc", "-o", work / "plan_here", *flags)
    run(work / "plan_here", "1")


def check_unit(root):
    text = (root / "usr/lib/systemd/system/torque-serve.service").read_text()
    program = re.search(r"^ExecStart=/(\S+)", text, re.M)
    if not program or not (root / program[1]).is_file():
        sys.exit(f"package: the unit starts what is not there: {program and program[0]}")
    if shutil.which("systemd-analyze"):
        # It looks for the program on this machine: only what it says of the unit itself counts.
        said = subprocess.run(["systemd-analyze", "verify", "--man=no", str(root / "usr/lib/systemd/system/torque-serve.service")],
                              capture_output=True, text=True, check=False).stderr
        wrong = [line for line in said.splitlines() if "torque-serve.service" in line and "not executable" not in line]
        if wrong:
            sys.exit("package: " + "\n".join(wrong))


def check_programs(root):
    topo = root / "usr/bin/torque-topo"
    layout = root / "layout.json"
    for name in ("torque-topo", "torque-serve", "torque-load"):
        run(root / "usr/bin" / name, "--version")
    run(topo, "show")
    run(topo, "show", "-i", "pack:2 core:2 pu:1")  # by torque-apart
    run(topo, "plan", "--workers", "1", "-o", layout)
    run(root / "usr/bin/torque-serve", "--layout", layout, "--check")
    layout.unlink()


def check_all(root, work):
    check_files(root)
    check_unit(root)
    check_programs(root)
    check_development(root, work)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    build = parser.parse_args().build
    for tool in ("cpack", "dpkg", "dpkg-shlibdeps"):
        if not shutil.which(tool):
            print(f"skipped: {tool} is not installed (Debian: dpkg-dev)")
            return SKIPPED
    run("cmake", "--build", build, "--target", "torque-topo", "torque-apart", "torque-serve", "torque-load", "completions", "torque")
    with tempfile.TemporaryDirectory(prefix="torque-") as folder:
        work = pathlib.Path(folder)
        run("cpack", "-G", "DEB", "-B", work / "made", cwd=build)
        packages = [next((work / "made").glob(f"{name}_*.deb")) for name in PACKAGES]
        root = work / "root"
        root.mkdir()
        if os.geteuid() != 0:
            for package in packages:
                run("dpkg", "-x", package, root)
            check_all(root, work)
            print("not installed by dpkg, which wants root: unpacked, looked at and run")
            return 0
        (root / "var/lib/dpkg/info").mkdir(parents=True)
        (root / "var/lib/dpkg/status").touch()
        # The libraries that they depend on are not in there.
        dpkg = ("dpkg", f"--root={root}", "--force-depends", "--log=/dev/null")
        run(*dpkg, "--install", packages[0])
        stray = [name for name in files_below(root) if "include/" in name or name.endswith(".a")]
        if stray:
            sys.exit(f"package: of libtorque-dev, and in torque: {stray}")
        run(*dpkg, "--install", *packages[1:])
        check_all(root, work)
        run(*dpkg, "--purge", *PACKAGES)
        left = sorted(name for name in files_below(root) if not name.startswith("var/lib/dpkg/"))
        if left or (root / "usr").exists():
            sys.exit(f"package: left behind: {left or 'usr/'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
