"""install and commit on made-up machines in a folder: what they write and refuse for each boot loader, and kill -9."""

import json
import os
import re
import shutil
import subprocess

import boot_trees
import harness
import killing
from boot_trees import EFI, GUID, write
from harness import ROOT, topo

try:
    import jsonschema
except ImportError:
    jsonschema = None

SCHEMA = json.loads((ROOT / "src" / "layout" / "schemas" / "torque.install-1.schema.json").read_text())
LINE = "isolcpus=managed_irq,domain,4-11 nohz_full=4-11 rcu_nocbs=4-11 rcu_nocb_poll irqaffinity=0-3,12-19"
DROP_IN = "etc/default/grub.d/90-torque.cfg"
BOOT = "b00t-1\n"


def tree(root):
    """Every file of the boot loaders, with its mode."""
    return {str(path.relative_to(root)): (path.read_bytes(), path.stat().st_mode & 0o777)
            for top in ("boot", "etc", "efi", EFI) for path in sorted((root / top).rglob("*")) if path.is_file()}


class Machine(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.root = self.machine_folder("hybrid")
        write(self.root, "proc/cmdline", "BOOT_IMAGE=/boot/vmlinuz root=UUID=1234-abcd ro console=ttyS0 quiet\n")
        write(self.root, "proc/sys/kernel/random/boot_id", BOOT)
        self.journal = self.root / "var/lib/torque/journal.boot"
        self.layout = self.folder / "layout.json"
        self.layout.write_text(topo("plan", "-w", "4", "-i", self.root).out)

    def install(self, *words, layout=None):
        return topo("install", "--layout", layout or self.layout, "--root", self.root, *words)

    def commit(self, *words):
        return topo("commit", "--root", self.root, *words)

    def revert(self, *words):
        return topo("revert", "--root", self.root, *words)

    def read(self, path):
        return (self.root / path).read_text()

    def changes(self, done):
        self.assertEqual(done.status, 0, done.err)
        document = json.loads(done.out)
        if jsonschema:
            jsonschema.Draft202012Validator.check_schema(SCHEMA)
            jsonschema.Draft202012Validator(SCHEMA).validate(document)
        return {row["path"]: row for row in document["changes"]}

    def boot_the_trial(self, cmdline):
        """What the files of the kernel say when it was booted with the line."""
        write(self.root, "proc/cmdline", cmdline + "\n")
        for name in ("isolated", "nohz_full"):
            write(self.root, f"sys/devices/system/cpu/{name}", "4-11\n")
        for process, name, cpus in (("1", "init", "0-3,12-19"), ("2", "kthreadd", "0-3,12-19"), *(
                (str(40 + cpu), f"rcuop/{cpu}", "0-3,12-19") for cpu in range(4, 12))):
            parent = "0" if name in ("init", "kthreadd") else "2"
            status = f"Name:\t{name}\nState:\tS (sleeping)\nPPid:\t{parent}\nCpus_allowed_list:\t{cpus}\n"
            for folder in (f"proc/{process}", f"proc/{process}/task/{process}"):
                write(self.root, f"{folder}/status", status)
                write(self.root, f"{folder}/stat", f"{process} ({name}) S {parent} 0 0 0 -1 2097152 0\n")
                write(self.root, f"{folder}/comm", name + "\n")
        write(self.root, "proc/1/environ", b"HOME=/\0TERM=linux\0")
        write(self.root, "proc/sys/kernel/random/boot_id", "b00t-2\n")

    def assert_taken_back(self, before):
        self.assert_ok(self.revert("--yes"))
        self.assertEqual(tree(self.root), before)
        self.assertEqual(self.journal.read_bytes(), b"")


class Grub(Machine):
    def setUp(self):
        super().setUp()
        boot_trees.debian(self.root, lambda: self.menu())
        self.before = tree(self.root)

    def menu(self):
        return subprocess.run(["usr/sbin/grub-mkconfig"], cwd=self.root, capture_output=True, text=True, check=True).stdout

    def grub_boots(self, once="next_entry"):
        """What GRUB does at a boot: takes the entry to be booted once out of the block."""
        path = self.root / "boot/grub/grubenv"
        text = path.read_text()
        entry = re.search(rf"^{once}=(.+)$", text, re.MULTILINE)
        lines = [line for line in text.rstrip("#").splitlines() if not line.startswith(once + "=")]
        path.write_text(("\n".join([*lines, once + "="]) + "\n").ljust(1024, "#"))
        return entry and entry.group(1)

    def trial_line(self):
        return re.search(r"linux\t/boot/vmlinuz-\S+ (.*)", self.read("boot/grub/custom.cfg")).group(1)

    def test_shown_first_and_written_when_told(self):
        done = self.install()
        self.assert_ok(done)
        self.assertIn("would make", done.out)
        self.assertIn(f'+        GRUB_CMDLINE_LINUX_DEFAULT="$GRUB_CMDLINE_LINUX_DEFAULT {LINE}"', done.out)
        self.assertIn("would make anew  /boot/grub/grub.cfg", done.out)
        self.assertIn("Nothing was written", done.out)
        self.assertEqual(tree(self.root), self.before)
        self.assertFalse(self.journal.exists())
        shown = self.changes(self.install("--json", "--to", "grub"))
        self.assertEqual(shown["/boot/grub/grub.cfg"]["action"], "generate")
        written = self.changes(self.install("--json", "--yes"))
        self.assertEqual(list(shown), list(written))
        self.assertIn(f"root=UUID=1234-abcd ro console=ttyS0 quiet {LINE}\n", self.read("boot/grub/grub.cfg"))
        self.assertIn("ro single console=ttyS0\n", self.read("boot/grub/grub.cfg"))  # recovery is as it was
        self.assertEqual(self.read("boot/grub/grub.cfg"), self.menu())
        self.assertEqual((self.root / "boot/grub/grub.cfg").stat().st_mode & 0o777, 0o444)
        again = self.install("--yes")
        self.assert_ok(again)
        self.assertIn("All of it is so already", again.out)
        self.assert_taken_back(self.before)

    def test_another_layout_takes_its_place(self):
        self.assert_ok(self.install("--yes"))
        other = self.folder / "other.json"
        other.write_text(topo("plan", "-w", "2", "-i", self.root).out)
        self.assert_ok(self.install("--yes", layout=other))
        self.assertEqual(self.read("boot/grub/grub.cfg").count("isolcpus=managed_irq,domain,8-11"), 2)
        self.assertNotIn("4-11", self.read("boot/grub/grub.cfg"))
        self.assert_taken_back(self.before)

    def test_a_trial_is_booted_once_and_kept_by_commit(self):
        self.assert_fails(self.commit("--yes"), 1, "no trial")
        done = self.install("--trial", "--yes")
        self.assert_ok(done)
        self.assertIn("torque-topo commit", done.out)
        self.assertEqual(self.trial_line(), f"root=UUID=1234-abcd ro console=ttyS0 quiet {LINE}")
        self.assertIn("\tinitrd\t/boot/initrd.img-6.1.0-9\n", self.read("boot/grub/custom.cfg"))
        self.assertEqual(self.read("boot/grub/grub.cfg").encode(), self.before["boot/grub/grub.cfg"][0])
        self.assertEqual(len(self.read("boot/grub/grubenv")), 1024)
        self.assert_fails(self.commit("--yes"), 1, "/proc/cmdline", "was booted with")
        self.assert_fails(self.install("--yes"), 1, "a trial is not over")
        self.assertEqual(self.grub_boots(), "torque-trial")
        # It came up without isolation: what the words ask for is not there.
        self.boot_the_trial("BOOT_IMAGE=/boot/vmlinuz-6.1.0-9 " + self.trial_line())
        write(self.root, "sys/devices/system/cpu/isolated", "\n")
        self.assert_fails(self.commit("--yes"), 1, "isolated: expected 4-11, found none")
        self.boot_the_trial("BOOT_IMAGE=/boot/vmlinuz-6.1.0-9 " + self.trial_line())
        shown = self.commit()
        self.assert_ok(shown)
        self.assertIn("would remove     /boot/grub/custom.cfg", shown.out)
        rows = self.changes(self.commit("--yes", "--json"))
        self.assertEqual(rows["/boot/grub/custom.cfg"]["action"], "remove")
        self.assertFalse((self.root / "boot/grub/custom.cfg").exists())
        self.assertFalse((self.root / "var/lib/torque/trial.json").exists())
        self.assertIn(LINE, self.read("boot/grub/grub.cfg"))
        self.assert_fails(self.commit("--yes"), 1, "no trial")
        self.assert_taken_back(self.before)

    def test_a_trial_is_taken_back_before_and_after_its_boot(self):
        write(self.root, "boot/grub/custom.cfg", "menuentry 'mine' { true; }")
        before = tree(self.root)
        self.assert_ok(self.install("--trial", "--yes"))
        self.assertTrue(self.read("boot/grub/custom.cfg").startswith("menuentry 'mine' { true; }\n###"))
        self.assert_taken_back(before)
        self.assert_ok(self.install("--trial", "--yes"))
        self.grub_boots()
        self.assert_taken_back(before)
        # Something else was put into the environment block since: that stays.
        self.assert_ok(self.install("--trial", "--yes"))
        write(self.root, "boot/grub/grubenv", boot_trees.grubenv(recordfail="1", next_entry=""))
        self.assert_ok(self.revert("--yes"))
        self.assertEqual(self.read("boot/grub/grubenv"), boot_trees.grubenv(recordfail="1"))

    def test_parameters_given_elsewhere_are_refused(self):
        for path, text, line in (("etc/default/grub", 'GRUB_TIMEOUT=1\nGRUB_CMDLINE_LINUX="ro isolcpus=2"\n', "grub: line 2"),
                                 ("etc/default/grub", "# isolcpus=2\nGRUB_CMDLINE_LINUX_DEFAULT='quiet nohz-full=2'\n", "grub: line 2"),
                                 ("etc/default/grub.d/50-x.cfg", '\n\nGRUB_CMDLINE_LINUX="a\\\n rcu_nocbs"\n', "50-x.cfg: line 3")):
            write(self.root, "etc/default/grub", boot_trees.DEFAULTS)
            write(self.root, path, text)
            for words in ((), ("--yes",), ("--trial",)):
                self.assert_fails(self.install(*words), 1, line, "hint: take it out there")
        write(self.root, "etc/default/grub", boot_trees.DEFAULTS + "# GRUB_CMDLINE_LINUX=isolcpus=2\n")
        (self.root / "etc/default/grub.d/50-x.cfg").unlink()
        self.assert_ok(self.install())

    def test_what_goes_wrong_is_undone(self):
        write(self.root, "fails", "")
        self.assert_fails(self.install("--yes"), 1, "grub-mkconfig", "no space", "undone")
        self.assertEqual(tree(self.root), self.before)
        (self.root / "fails").unlink()
        # A file behind ours takes the line away again.
        write(self.root, "etc/default/grub.d/99-last.cfg", "GRUB_CMDLINE_LINUX_DEFAULT=quiet\n")
        before = tree(self.root)
        self.assert_fails(self.install("--yes"), 1, 'boots "root=UUID=1234-abcd ro console=ttyS0 quiet"', "undone")
        self.assertEqual(tree(self.root), before)
        self.assertEqual(self.journal.read_bytes(), b"")

    def test_a_menu_that_was_made_anew_since_is_made_once_more(self):
        self.assert_ok(self.install("--yes"))
        (self.root / "boot/grub/grub.cfg").chmod(0o644)
        write(self.root, "tail.cfg", boot_trees.TAIL + "# another kernel\n")
        write(self.root, "boot/grub/grub.cfg", self.menu())
        self.assertIn("made once more", self.revert().out)
        for words in ((), ("--force",)):
            write(self.root, "fails", "")
            done = self.revert("--yes", *words)
            if not words:
                self.assertEqual(done.status, 1)
                self.assertIn("no space; run update-grub", done.out)
                self.assertNotIn("90-torque.cfg", os.listdir(self.root / "etc/default/grub.d"))
            (self.root / "fails").unlink()
        write(self.root, "boot/grub/grub.cfg", self.menu())
        self.assert_ok(self.install("--yes"))
        write(self.root, "tail.cfg", boot_trees.TAIL + "# a third\n")
        write(self.root, "boot/grub/grub.cfg", self.menu())
        self.assert_ok(self.revert("--yes", "--force"))
        self.assertNotIn("isolcpus", self.read("boot/grub/grub.cfg"))
        self.assertIn("# a third", self.read("boot/grub/grub.cfg"))
        self.assertEqual(self.journal.read_bytes(), b"")

    def test_menus_that_cannot_be_tried_are_refused(self):
        menu = self.before["boot/grub/grub.cfg"][0].decode()
        for old, new, words in (("set default=\"${next_entry}\"", "true", ("next_entry", "GRUB_DEFAULT=saved")),
                                ("/custom.cfg", "/other.cfg", ("custom.cfg", "41_custom")),
                                ('set default="0"', 'set default="1"', ("a submenu",)),
                                ('set default="0"', 'set default="nowhere"', ("none of its entries",)),
                                ("\tlinux\t", "\tchainloader\t", ("no Linux kernel",))):
            (self.root / "boot/grub/grub.cfg").chmod(0o644)
            write(self.root, "boot/grub/grub.cfg", menu.replace(old, new))
            self.assert_fails(self.install("--trial"), 1, *words)
        write(self.root, "boot/grub/grub.cfg", menu)
        write(self.root, "usr/sbin/grub-probe", boot_trees.PROBE.replace("*) ;;", "*) echo lvm ;;"), 0o755)
        self.assert_fails(self.install("--trial"), 1, "on lvm", "every time")
        write(self.root, "boot/grub/grubenv", "nonsense")
        write(self.root, "usr/sbin/grub-probe", boot_trees.PROBE, 0o755)
        self.assert_fails(self.install("--trial"), 1, "no environment block", "grubenv")

    def test_the_saved_entry_is_the_one_that_is_tried(self):
        (self.root / "boot/grub/grub.cfg").chmod(0o644)
        write(self.root, "boot/grub/grub.cfg", self.menu().replace('set default="0"', 'set default="${saved_entry}"')
              .replace("vmlinuz-6.1.0-9 root=UUID=1234-abcd ro single", "vmlinuz-old root=UUID=1234-abcd ro single"))
        write(self.root, "boot/grub/grubenv",
              boot_trees.grubenv(saved_entry="gnulinux-advanced-1>Debian GNU/Linux, with Linux 6.1.0-9 (recovery mode)"))
        self.assert_ok(self.install("--trial", "--yes"))
        self.assertIn("vmlinuz-old root=UUID=1234-abcd ro single console=ttyS0 isolcpus", self.read("boot/grub/custom.cfg"))

    def test_where_the_drop_in_is_not_read(self):
        write(self.root, "usr/sbin/grub-mkconfig", "#!/bin/sh\n. /etc/default/grub\n", 0o755)
        self.assert_fails(self.install(), 1, "does not read /etc/default/grub.d", "GRUB_CMDLINE_LINUX_DEFAULT", "-o /boot/grub/grub.cfg")
        (self.root / "usr/sbin/grub-mkconfig").unlink()
        self.assert_fails(self.install(), 1, "no grub-mkconfig")


class Entries(Machine):
    def test_bls(self):
        boot_trees.fedora(self.root)
        before = tree(self.root)
        entry = "boot/loader/entries/4e5f0a-6.11.4-301.conf"
        done = self.install()
        self.assert_ok(done)
        self.assertIn("-options root=UUID=1234 ro rhgb quiet $tuned_params", done.out)
        self.assertIn(f"+options root=UUID=1234 ro rhgb quiet $tuned_params {LINE}", done.out)
        self.assertEqual(tree(self.root), before)
        self.assert_ok(self.install("--yes", "--to", "bls"))
        self.assertIn(f"\noptions root=UUID=1234 ro rhgb quiet $tuned_params {LINE}\n", self.read(entry))
        self.assertEqual(self.read("etc/kernel/cmdline"), f"root=UUID=1234 ro rhgb quiet {LINE}\n")
        self.assert_taken_back(before)

    def test_a_bls_trial(self):
        boot_trees.fedora(self.root)
        entry, trial = "boot/loader/entries/4e5f0a-6.11.4-301.conf", "boot/loader/entries/torque-trial.conf"
        write(self.root, entry, boot_trees.ENTRY.replace("quiet", "isolcpus=2-3 quiet irqaffinity=0"))
        before = tree(self.root)
        self.assert_ok(self.install("--trial", "--yes"))
        self.assertIn(f"options root=UUID=1234 ro rhgb quiet $tuned_params {LINE}\n", self.read(trial))
        self.assertIn("(torque-topo trial)\n", self.read(trial))
        self.assertIn("next_entry=torque-trial\n", self.read("boot/grub2/grubenv"))
        self.assertEqual(self.read(entry).encode(), before[entry][0])
        self.boot_the_trial(f"BOOT_IMAGE=(hd0,gpt2)/vmlinuz-6.11.4-301.fc41.x86_64 root=UUID=1234 ro rhgb quiet {LINE}")
        self.assert_ok(self.commit("--yes"))
        self.assertFalse((self.root / trial).exists())
        self.assertEqual(self.read(entry).count("isolcpus="), 1)
        self.assertIn(LINE, self.read(entry))
        self.assertNotIn("next_entry=torque", self.read("boot/grub2/grubenv"))
        self.assert_taken_back(before)

    def test_bls_is_refused(self):
        boot_trees.fedora(self.root)
        self.assert_fails(self.install("--to", "grub"), 1, "--to bls")
        write(self.root, "boot/grub2/grubenv", boot_trees.grubenv(tuned_params="skew_tick=1 isolcpus=2-3"))
        self.assert_fails(self.install(), 1, "$tuned_params", "grubenv")
        entry = "boot/loader/entries/4e5f0a-6.11.4-301.conf"
        write(self.root, "boot/grub2/grubenv", boot_trees.grubenv())
        whole = self.read(entry)
        for options in ('ro dyndbg="file', "ro -- single\noptions quiet"):
            write(self.root, entry, whole.replace("options root=UUID=1234 ro", "options root=UUID=1234 " + options))
            self.assert_fails(self.install(), 1, entry, "would not see")
            self.assertEqual(self.read(entry).count("isolcpus"), 0)
        write(self.root, entry, whole)
        write(self.root, "boot/grub2/grub.cfg", boot_trees.HEAD)
        self.assert_fails(self.install("--to", "bls"), 1, "blscfg", "--to grub")

    def test_systemd_boot(self):
        boot_trees.systemd_boot(self.root)
        before = tree(self.root)
        entry = "boot/efi/loader/entries/0a1b-6.1.0-10.conf"
        self.assert_ok(self.install("--yes"))
        self.assertIn(f"options    root=UUID=1234 ro quiet {LINE}\n", self.read(entry))
        self.assertNotIn("isolcpus", self.read("boot/efi/loader/entries/0a1b-6.1.0-9.conf"))
        self.assert_taken_back(before)
        write(self.root, "boot/efi/loader/loader.conf", "default 0a1b-*-9.conf\n")
        self.assertIn("0a1b-6.1.0-9.conf", self.install().out)
        write(self.root, f"{EFI}/LoaderEntryDefault-{GUID}", boot_trees.efi_text("0a1b-6.1.0-10.conf"))
        self.assertIn("0a1b-6.1.0-10.conf", self.install().out)
        write(self.root, f"{EFI}/LoaderEntryDefault-{GUID}", boot_trees.efi_text("windows.conf"))
        self.assert_fails(self.install(), 1, '"windows.conf" is none of the entries')

    def test_a_systemd_boot_trial(self):
        for sort_key, name in (("debian", "torque-trial"), ("", "torque-trial")):
            boot_trees.systemd_boot(self.root, sort_key)
            before = tree(self.root)
            self.assert_ok(self.install("--trial", "--yes"))
            self.assertNotIn("sort-key", self.read(f"boot/efi/loader/entries/{name}.conf"))
            variable = self.root / EFI / f"LoaderEntryOneShot-{GUID}"
            self.assertEqual(variable.read_bytes()[4:], f"{name}.conf\0".encode("utf-16-le"))
            self.assert_taken_back(before)
        self.assert_ok(self.install("--trial", "--yes"))
        variable.unlink()  # systemd-boot has booted it
        self.boot_the_trial(f"initrd=\\x root=UUID=1234 ro quiet {LINE}")
        self.assert_ok(self.commit("--yes"))
        self.assertFalse((self.root / f"boot/efi/loader/entries/{name}.conf").exists())
        self.assertIn(LINE, self.read("boot/efi/loader/entries/0a1b-6.1.0-10.conf"))
        self.assert_taken_back(before)

    def test_a_trial_must_not_become_the_default(self):
        boot_trees.systemd_boot(self.root, "")
        folder = self.root / "boot/efi/loader/entries"
        for old, new in (("0a1b-6.1.0-9", "arch"), ("0a1b-6.1.0-10", "arch-lts")):
            (folder / f"{old}.conf").rename(folder / f"{new}.conf")
        self.assert_ok(self.install("--trial", "--yes"))
        self.assertTrue((folder / "a-torque-trial.conf").exists())

    def test_systemd_boot_is_refused(self):
        boot_trees.systemd_boot(self.root)
        (self.root / EFI / f"LoaderFeatures-{GUID}").unlink()
        self.assert_fails(self.install("--trial"), 1, "once", "LoaderFeatures")
        write(self.root, "boot/efi/EFI/Linux/debian.efi", b"MZ")
        self.assert_fails(self.install(), 1, "unified kernel images", "/etc/kernel/cmdline")
        shutil.rmtree(self.root / "boot/efi/EFI/Linux")
        shutil.rmtree(self.root / "boot/efi/loader/entries")
        self.assert_fails(self.install(), 1, "there is no entry")


class Refused(Machine):
    def test_which_boot_loader(self):
        self.assert_fails(self.install(), 1, "no boot loader", "torque-topo emit")
        boot_trees.fedora(self.root)
        boot_trees.systemd_boot(self.root)
        self.assert_fails(self.install(), 1, "bls (/boot/grub2/grub.cfg)", "systemd-boot (/boot/efi/EFI/systemd", "--to")
        self.assert_fails(self.install("--to", "lilo"), 2, "grub|bls|systemd-boot")
        self.assert_fails(self.install("--to", "systemd_boot"), 2, "did you mean --to systemd-boot")

    def test_which_layout(self):
        boot_trees.fedora(self.root)
        self.layout.write_text(topo("plan", "-w", "4", "-i", self.machine("two-sockets")).out)
        self.assert_fails(self.install(), 1, "another machine", "--force")
        self.layout.write_text(topo("plan", "-w", "4", "-i", self.root, "--profile", "runtime").out)
        self.assert_fails(self.install(), 1, "no boot line", "apply")
        layout = json.loads(topo("plan", "-w", "4", "-i", self.root).out)
        for line in ("isolcpus=domain;4", "isolcpus=`x`", "isolcpus=4 'x'", "a\nb", "isolcpus=\x1b"):
            layout["boot"] = {"cmdline": line, "args": [{"name": line.split("=")[0], "value": line.partition("=")[2],
                                                         "why": "", "price": "", "needs": ""}]}
            self.layout.write_text(json.dumps(layout))
            done = self.install("--yes")
            self.assertEqual(done.status, 1, done)
            self.assertNotIn("\x1b", done.err)
        line = "isolcpus=domain,4-40"
        layout["boot"] = {"cmdline": line, "args": [{"name": "isolcpus", "value": "domain,4-40", "why": "", "price": "", "needs": ""}]}
        self.layout.write_text(json.dumps(layout))
        self.assert_fails(self.install("--yes"), 1, "does not take the layout's line", "0-19")
        self.assertFalse(self.journal.exists())

    def test_this_machine_is_roots(self):
        user = {} if os.geteuid() != 0 else {"user": 65534}
        self.folder.chmod(0o755)
        self.layout.write_text(topo("plan", "-w", "1").out)
        try:
            done = topo("install", "--layout", self.layout, "--yes", **user)
        except PermissionError:
            self.skipTest("the program cannot be run by another user here")
        self.assert_fails(done, 1, "root", "sudo")
        self.assert_fails(topo("commit", "--yes", **user), 1, "root")

    def test_a_journal_that_names_other_files(self):
        boot_trees.fedora(self.root)
        self.assert_ok(self.install("--yes"))
        text = self.journal.read_text()
        self.journal.write_text(text[:-3])  # torn, as by a crash
        self.assertEqual(self.revert().status, 0)
        step = next(line for line in text.splitlines() if " replace " in line)[17:].replace("/boot/loader/entries/", "/etc/cron.d/")
        value = 0xCBF29CE484222325
        for byte in step.encode():
            value = (value ^ byte) * 0x100000001B3 % 2**64
        self.journal.write_text("".join(line + "\n" for line in text.splitlines()[:2]) + f"{value:016x} {step}\n")
        self.assert_fails(self.revert("--yes"), 1, "/etc/cron.d/", "none of the files")


class Killed(killing.Killing, Grub):
    """kill -9 before any of the calls by which a file changes: revert ends where install began."""

    def restore(self, files, journal):
        for path in set(tree(self.root)) - set(files):
            (self.root / path).unlink()
        for path, (content, mode) in files.items():
            (self.root / path).unlink(missing_ok=True)
            write(self.root, path, content, mode)
        shutil.rmtree(self.root / "var", ignore_errors=True)
        for path, content in journal.items():
            write(self.root, path, content, 0o600)

    def state(self):
        return tree(self.root), {str(path.relative_to(self.root)): path.read_bytes()
                                 for path in (self.root / "var").rglob("*") if path.is_file()}

    def taken_back(self, where):
        self.assert_ok(self.revert("--yes"))
        self.assertEqual(tree(self.root), self.before, where)
        self.assertFalse(list((self.root / "var").rglob("trial.json*")), where)

    def kill(self, state, least, *command):
        self.kill_at_each(lambda: self.restore(*state), self.taken_back, least, *command)

    def test_kill_at_any_point(self):
        install = ("install", "-l", self.layout, "--root", self.root, "--yes")
        revert = ("revert", "--root", self.root, "--yes")
        self.kill((self.before, {}), 20, *install)
        self.restore(self.before, {})
        self.assert_ok(self.install("--yes"))
        self.kill(self.state(), 10, *revert)
        self.kill((self.before, {}), 20, *install, "--trial")
        self.restore(self.before, {})
        self.assert_ok(self.install("--trial", "--yes"))
        self.grub_boots()
        self.boot_the_trial("BOOT_IMAGE=/boot/vmlinuz-6.1.0-9 " + self.trial_line())
        self.kill(self.state(), 20, "commit", "--root", self.root, "--yes")


for inherited in [name for name in dir(Grub) if name.startswith("test_")]:
    if inherited not in vars(Killed):
        setattr(Killed, inherited, None)

if __name__ == "__main__":
    harness.main()
