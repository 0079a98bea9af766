"""Disks that a guest boots from: GRUB on a BIOS machine, systemd-boot on an EFI one. Made of this machine's packages."""

import pathlib
import re
import shutil
import struct
import subprocess

import guest
import initramfs

SECTOR = 512
PART_BEGIN = 2048  # sectors
DISK = "/dev/nvme0n1p1"

GRUB_FOLDER = pathlib.Path("/usr/lib/grub/i386-pc")
GRUB_PROGRAMS = ("grub-mkconfig", "grub-probe", "grub-editenv", "grub-script-check", "grub-file", "grub-mkrelpath")
OVMF = (("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
        ("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"))
SYSTEMD_BOOT = pathlib.Path("/usr/lib/systemd/boot/efi/systemd-bootx64.efi")

# Process 1 of every boot: runs the script of this boot's number, says what it said, and boots again.
INIT = initramfs.START + """%s
export state stages NO_COLOR=1
stage=$(cat $state/stage)
echo $((stage + 1)) >$state/stage
exec >/dev/ttyS1 2>&1
echo "=== $stage"
cat /proc/cmdline /sys/devices/system/cpu/isolated
if [ -e $stages/$stage ]; then sh $stages/$stage; else echo "no stage"; fi
echo "=== end"
sync
mount -o remount,ro /
umount -l /boot
if [ -e $stages/$((stage + 1)) ]; then reboot -f; else poweroff -f; fi
"""


class Missing(Exception):
    """This machine cannot give us the disk; the text says why."""


def need(*programs, files=()):
    for name in programs:
        if shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin") is None:
            raise Missing(f"{name} is not installed")
    for file in files:
        if not pathlib.Path(file).exists():
            raise Missing(f"there is no {file}")


def run(*command, **how):
    done = subprocess.run([str(word) for word in command], capture_output=True, check=False, **how)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: {done.stderr.decode(errors='replace')[-500:]}")
    return done.stdout


def libraries(program):
    said = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=False).stdout
    return [word for line in said.splitlines() for word in line.split() if word.startswith("/")]


def put_program(tree, source, name):
    target = tree / name.lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)
    for library in libraries(source):
        place = tree / library.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, place)


def put_base(tree, topo):
    for folder in initramfs.FOLDERS + ("boot/grub", "etc/default/grub.d", "etc/grub.d", "stages", "var/lib", "usr/share/grub"):
        (tree / folder).mkdir(parents=True, exist_ok=True)
    shutil.copy(initramfs.busybox(), tree / "bin/busybox")
    for applet in run(initramfs.busybox(), "--list").decode().split():
        if not (tree / "bin" / applet).exists():
            (tree / "bin" / applet).symlink_to("busybox")
    put_program(tree, topo, "/bin/torque-topo")


def partitioned(path, part, kind, first_sectors=b""):
    """A disk of one partition; `first_sectors` begin it, but for the table."""
    size = (part.stat().st_size + SECTOR - 1) // SECTOR
    head = bytearray(first_sectors.ljust(PART_BEGIN * SECTOR, b"\0"))
    head[440:512] = struct.pack("<IHBBBBBBBBII", 0x70707070, 0, 0x80, 0xFE, 0xFF, 0xFF, kind, 0xFE, 0xFF, 0xFF,
                                PART_BEGIN, size).ljust(70, b"\0") + b"\x55\xaa"
    with open(path, "wb") as disk:
        disk.write(head)
        with open(part, "rb") as source:
            shutil.copyfileobj(source, disk)


def grub(folder, kernel, topo, line, stages):
    """A disk of which SeaBIOS boots GRUB, and GRUB the kernel. Stage 0 makes the menu with grub-mkconfig."""
    need("grub-mkimage", "mke2fs", *GRUB_PROGRAMS, files=[GRUB_FOLDER / "boot.img", "/usr/share/grub/grub-mkconfig_lib"])
    tree = folder / "tree"
    put_base(tree, topo)
    for name in GRUB_PROGRAMS:
        path = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
        put_program(tree, path, path)
    shutil.copy("/usr/share/grub/grub-mkconfig_lib", tree / "usr/share/grub")
    for name in ("00_header", "10_linux", "41_custom"):
        shutil.copy(f"/etc/grub.d/{name}", tree / "etc/grub.d")
    shutil.copytree(GRUB_FOLDER, tree / "boot/grub/i386-pc")
    release = kernel.release
    shutil.copy(kernel.image, tree / f"boot/vmlinuz-{release}")
    (tree / "etc/default/grub").write_text(
        f'GRUB_DEFAULT=0\nGRUB_TIMEOUT=0\nGRUB_TERMINAL=serial\nGRUB_DISTRIBUTOR=Debian\nGRUB_CMDLINE_LINUX="{line} init=/init"\n'
        'GRUB_CMDLINE_LINUX_DEFAULT="quiet"\n')
    (tree / "boot/grub/grub.cfg").write_text(
        f"linux /boot/vmlinuz-{release} root={DISK} ro {line} init=/init\nboot\n")
    run("grub-editenv", tree / "boot/grub/grubenv", "create")
    (tree / "init").write_text(INIT % "mount -o remount,rw /\nstate=/\nstages=/stages")
    (tree / "init").chmod(0o755)
    (tree / "stage").write_text("0\n")
    for number, script in enumerate(("grub-mkconfig -o /boot/grub/grub.cfg 2>&1", *stages)):
        (tree / f"stages/{number}").write_text(script + "\n")
    part, core = folder / "part", folder / "core"
    run("mke2fs", "-q", "-t", "ext4", "-d", tree, part, "160M")
    run("grub-mkimage", "-O", "i386-pc", "-d", GRUB_FOLDER, "-o", core, "-p", "(hd0,msdos1)/boot/grub", "biosdisk", "part_msdos",
        "ext2")
    partitioned(folder / "disk", part, 0x83, (GRUB_FOLDER / "boot.img").read_bytes() + core.read_bytes())
    shutil.rmtree(tree)
    part.unlink()
    return ["-drive", f"file={folder / 'disk'},format=raw,if=none,id=disk", "-device", "nvme,serial=disk,drive=disk,bootindex=1"]


def systemd_boot(folder, kernel, topo, line, stages):
    """A disk of which OVMF boots systemd-boot, and that the kernel by its EFI stub."""
    need("mformat", "mcopy", "mmd", files=[SYSTEMD_BOOT])
    firmware = next((pair for pair in OVMF if pathlib.Path(pair[0]).exists()), None)
    if firmware is None:
        raise Missing("OVMF is not installed (Debian: ovmf)")
    mounts = ("mkdir -p /boot /var/lib/torque\nwhile [ ! -e %s ]; do usleep 100000; done\n"
              "mount -t vfat -o umask=077 %s /boot\nmount -t efivarfs efivarfs /sys/firmware/efi/efivars\n"
              "mkdir -p /boot/torque\nmount -o bind /boot/torque /var/lib/torque\nstate=/boot\nstages=/stages" % (DISK, DISK))
    init = INIT % ("while read -r module; do insmod /modules/$module; done </modules/order\n" + mounts)
    extra = initramfs.extra(kernel, {}, {f"stages/{number}": script + "\n" for number, script in enumerate(stages)},
                            ("vfat", "nls_cp437", "nls_ascii", "nls_iso8859_1", "efivarfs"))
    archive = initramfs.Archive()
    archive.file("init", init, 0o755)
    files = {"EFI/BOOT/BOOTX64.EFI": SYSTEMD_BOOT.read_bytes(), "EFI/systemd/systemd-bootx64.efi": SYSTEMD_BOOT.read_bytes(),
             "linux": kernel.image.read_bytes(), "initrd": initramfs.base([topo]) + extra + archive.take(), "stage": b"0\n",
             "loader/loader.conf": b"timeout 0\n",
             "loader/entries/old.conf": f"title The old line\nlinux /linux\ninitrd /initrd\noptions {line} quiet\n".encode()}
    part = folder / "part"
    with open(part, "wb") as file:
        file.truncate(96 << 20)
    run("mformat", "-i", part, "-F", "::")
    for name in ("EFI", "EFI/BOOT", "EFI/systemd", "loader", "loader/entries"):
        run("mmd", "-i", part, f"::{name}")
    for name, content in files.items():
        (folder / "file").write_bytes(content)
        run("mcopy", "-i", part, folder / "file", f"::{name}")
    partitioned(folder / "disk", part, 0xEF)
    part.unlink()
    shutil.copy(firmware[1], folder / "variables")
    return ["-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={firmware[0]}",
            "-drive", f"if=pflash,format=raw,unit=1,file={folder / 'variables'}",
            "-drive", f"file={folder / 'disk'},format=raw,if=none,id=disk", "-device", "nvme,serial=disk,drive=disk,bootindex=1"]


def boot(machine, devices, folder, timeout_s):
    """What each stage said, in the order of the boots, and what the boot loader and the kernels said."""
    for serial in ("console", "said"):
        (folder / serial).touch()
    command = [guest.QEMU, "-accel", guest.ACCELERATOR, "-machine", "q35", "-cpu", "Skylake-Server", "-nodefaults",
               "-no-user-config", "-display", "none", "-vga", "std", *machine.arguments(), *devices,
               "-serial", f"file:{folder / 'console'}", "-serial", f"file:{folder / 'said'}"]
    try:
        said = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=timeout_s).stderr
        why = ""
    except subprocess.TimeoutExpired as late:
        why, said = f"it took more than {timeout_s} s", late.stderr or b""
    console = (folder / "console").read_text(encoding="utf-8", errors="replace").replace("\r", "")
    text = (folder / "said").read_text(encoding="utf-8", errors="replace").replace("\r", "")
    # The firmware writes to the same serial line, between the stages.
    stages = re.findall(r"^=== \d+\n(.*?)^=== end$", text, re.MULTILINE | re.DOTALL)
    if why or not stages:
        raise guest.Died(f"{why or 'no stage ended'}\n{text[-1500:]}\n{guest.tail(console, said.decode(errors='replace'))}")
    return stages, console
