"""Debian's kernels: fetched once with apt-get download, unpacked below the build folder, never installed."""

import fcntl
import pathlib
import re
import shutil
import subprocess
from dataclasses import dataclass

# The package that stands for the newest image of a series in Debian 12 and its security updates. Cloud kernels are
# small, quickly unpacked by their own boot code, and have NVMe and virtio built in or beside them.
PACKAGES = {"6.1": "linux-image-cloud-amd64", "6.12": "linux-image-6.12-cloud-amd64"}
FETCH_SECONDS_MAX = 300


class Missing(Exception):
    """This machine cannot give us the kernel; the text says why."""


@dataclass(frozen=True)
class Kernel:
    series: str
    release: str  # what uname -r says in the guest
    image: pathlib.Path
    modules: pathlib.Path


def run(*command, **how):
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=FETCH_SECONDS_MAX, **how)


def image_package(series):
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise Missing("there is no apt-get to fetch Debian's kernels with")
    said = run("apt-cache", "depends", PACKAGES[series]).stdout
    found = re.search(rf"Depends: (linux-image-{re.escape(series)}\.\S+-cloud-amd64)$", said, re.MULTILINE)
    if not found:
        raise Missing(f"apt knows no Debian kernel {series} ({PACKAGES[series]})")
    return found.group(1)


def fetch(package, folder):
    shutil.rmtree(folder, ignore_errors=True)
    download = folder / "download"
    download.mkdir(parents=True)
    try:
        done = run("apt-get", "-qq", "download", package, cwd=download)
    except subprocess.TimeoutExpired as late:
        raise Missing(f"{package} could not be fetched in {FETCH_SECONDS_MAX} s") from late
    archives = list(download.glob("*.deb"))
    if done.returncode != 0 or len(archives) != 1:
        raise Missing(f"{package} cannot be fetched: {done.stderr.strip().splitlines()[-1:] or 'no network?'}")
    unpacked = run("dpkg", "-x", str(archives[0]), str(folder))
    if unpacked.returncode != 0:
        raise Missing(f"{package} cannot be unpacked: {unpacked.stderr.strip()}")
    shutil.rmtree(download)


def cached(series, cache):
    """The kernel that an earlier run has fetched, whatever apt says by now."""
    for folder in sorted(cache.glob(f"linux-image-{series}.*-cloud-amd64")):
        if (folder / "complete").exists():
            return folder
    return None


def kernel(series, cache):
    """The kernel of a series; Missing where it cannot be had."""
    cache.mkdir(parents=True, exist_ok=True)
    with open(cache / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = cached(series, cache)
        if folder is None:
            package = image_package(series)
            folder = cache / package
            fetch(package, folder)
            (folder / "complete").touch()
    image = next((folder / "boot").glob("vmlinuz-*"))
    release = image.name[len("vmlinuz-"):]
    for modules in (folder / "lib" / "modules" / release, folder / "usr" / "lib" / "modules" / release):
        if modules.is_dir():
            return Kernel(series, release, image, modules)
    raise Missing(f"{folder} holds no modules")
