"""The .deb: holds what it should, installs into an empty root, runs there, and leaves nothing when it is removed.

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
ROOT = pathlib.Path(__file__).resolve().parents[2]
WANTED = (
    "usr/bin/torque-topo", "usr/bin/torque-serve", "usr/bin/torque-load", "usr/lib/systemd/system/torque-serve.service",
    "usr/share/bash-completion/completions/torque-topo", "usr/share/zsh/site-functions/_torque-topo",
    "usr/share/fish/vendor_completions.d/torque-topo.fish",
    "usr/share/bash-completion/completions/torque-serve", "usr/share/bash-completion/completions/torque-load",
    "usr/share/fish/vendor_completions.d/torque-serve.fish", "usr/share/fish/vendor_completions.d/torque-load.fish",
    "usr/share/doc/torque/copyright",
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
    run(topo, "plan", "--workers", "1", "-o", layout)
    run(root / "usr/bin/torque-serve", "--layout", layout, "--check")
    layout.unlink()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    build = parser.parse_args().build
    for tool in ("cpack", "dpkg", "dpkg-shlibdeps"):
        if not shutil.which(tool):
            print(f"skipped: {tool} is not installed (Debian: dpkg-dev)")
            return SKIPPED
    run("cmake", "--build", build, "--target", "torque-topo", "torque-serve", "torque-load", "completions")
    with tempfile.TemporaryDirectory(prefix="torque-") as folder:
        work = pathlib.Path(folder)
        run("cpack", "-G", "DEB", "-B", work / "made", cwd=build)
        package = next((work / "made").glob("torque_*.deb"))
        root = work / "root"
        root.mkdir()
        if os.geteuid() != 0:
            run("dpkg", "-x", package, root)
            check_files(root)
            check_unit(root)
            check_programs(root)
            print("not installed by dpkg, which wants root: unpacked, looked at and run")
            return 0
        (root / "var/lib/dpkg/info").mkdir(parents=True)
        (root / "var/lib/dpkg/status").touch()
        # The libraries that it depends on are not in there.
        dpkg = ("dpkg", f"--root={root}", "--force-depends", "--log=/dev/null")
        run(*dpkg, "--install", package)
        check_files(root)
        check_unit(root)
        check_programs(root)
        run(*dpkg, "--purge", "torque")
        left = sorted(name for name in files_below(root) if not name.startswith("var/lib/dpkg/"))
        if left or (root / "usr").exists():
            sys.exit(f"package: left behind: {left or 'usr/'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
