"""The configuration of programs, given to the programs: they take it, and on this machine they obey it."""

import json
import os
import pathlib
import re
import stat
import subprocess
import sys
import xml.etree.ElementTree

import layouts
from harness import main, run, topo
from layouts import cpus_of, find

DEBIAN_PYTHON = "/usr/bin/python3"  # the one that tuned is installed for


def children(process):
    listed = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(pid) for pid in listed.read_text().split()] if listed.is_file() else []


def threads(pid):
    return sorted(pathlib.Path(f"/proc/{pid}/task").iterdir(), key=lambda task: int(task.name))


class Nginx(layouts.TestCase):
    def configuration(self, layout):
        self.needs("nginx")
        self.folder.chmod(0o755)  # the workers are another user
        text = self.emit("nginx", layout).read_text()
        path = self.folder / "nginx.conf"
        path.write_text(f"""{text}
daemon off;
pid {self.folder}/pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {self.folder}/body;
    proxy_temp_path {self.folder}/proxy;
    fastcgi_temp_path {self.folder}/fastcgi;
    uwsgi_temp_path {self.folder}/uwsgi;
    scgi_temp_path {self.folder}/scgi;
    server {{ listen unix:{self.folder}/socket; }}
}}
""")
        return [find("nginx"), "-e", "stderr", "-p", self.folder, "-c", path]

    def test_it_takes_the_configuration(self):
        for machine, words in (("hybrid", ["4"]), ("two-sockets", ["8"]), ("epyc-nps1", ["auto"]),
                               ("nic-on-node-1", ["10", "--near", "eth0", "--spill"])):
            with self.subTest(machine=machine):
                done = run([*self.configuration(self.plan(machine, *words)), "-t"])
                self.assertEqual(done.status, 0, done.err)
                self.assertNotIn("[warn]", done.err)

    def test_it_takes_as_many_workers_and_cpus_as_we_write(self):
        done = run([*self.configuration(self.plan_here(range(24, 1024))), "-t"])
        self.assertEqual(done.status, 0, done.err)
        self.assertNotIn("[warn]", done.err)

    def test_its_workers_are_on_the_workers_cpus(self):
        cpus = self.two_cpus()
        process = self.start(self.configuration(self.plan_here(cpus)))
        workers = self.wait_for(lambda: len(children(process)) == 2 and sorted(children(process)), process)
        self.wait_for(lambda: [cpus_of(f"/proc/{pid}") for pid in workers] == list(map(str, cpus)), process)


class HAProxy(layouts.TestCase):
    def configuration(self, layout):
        self.needs("haproxy")
        text = self.emit("haproxy", layout).read_text()
        path = self.folder / "haproxy.cfg"
        path.write_text(f"""{text}
frontend f
    mode http
    timeout client 1s
    bind unix@{self.folder}/socket
""")
        return [find("haproxy"), "-f", path]

    def test_it_takes_the_configuration(self):
        for machine, words in (("hybrid", ["4"]), ("two-sockets", ["8"]), ("epyc-nps1", ["auto"]),
                               ("nic-on-node-1", ["10", "--near", "eth0", "--spill"])):
            with self.subTest(machine=machine):
                done = run([*self.configuration(self.plan(machine, *words)), "-c"])
                self.assertEqual(done.status, 0, done.err)
                self.assertNotRegex(done.err, "WARNING|ALERT")

    def test_it_takes_64_threads_up_to_the_highest_cpu(self):
        for cpus in (range(960, 1024), range(897, 1024, 2)):
            done = run([*self.configuration(self.plan_here(cpus)), "-c"])
            self.assertEqual(done.status, 0, done.err)
            self.assertNotRegex(done.err, "WARNING|ALERT")

    def check_threads(self, cpus, expected=None):
        process = self.start([*self.configuration(self.plan_here(cpus)), "-db"])
        self.wait_for(lambda: [cpus_of(task) for task in threads(process.pid)] == list(map(str, expected or cpus)), process)

    def test_its_threads_are_on_the_workers_cpus(self):
        self.check_threads(self.two_cpus(), expected=sorted(self.two_cpus()))

    def test_its_only_thread_is_on_the_workers_cpu(self):
        self.check_threads(self.two_cpus()[:1])

    def test_its_threads_share_cpus_when_the_workers_do(self):
        high, low = self.two_cpus()
        self.check_threads([high, low, high], expected=[low, high, high])


class Redis(layouts.TestCase):
    def test_its_threads_are_where_they_belong(self):
        self.needs("redis-server")
        worker, _ = self.two_cpus()
        text = self.emit("redis", self.plan_here([worker])).read_text()
        background = re.search(r"(?m)^bio_cpulist (\S+)$", text)
        path = self.folder / "redis.conf"
        path.write_text(f"{text}port 0\nunixsocket {self.folder}/socket\ndir {self.folder}\nsave \"\"\ndaemonize no\n")
        process = self.start([find("redis-server"), path])
        self.wait_for(lambda: (self.folder / "socket").exists(), process)

        def placed():
            return {(task / "comm").read_text().strip(): cpus_of(task) for task in threads(process.pid)}

        self.wait_for(lambda: placed().get("redis-server") == str(worker), process)
        if background:
            self.wait_for(lambda: [cpus for name, cpus in placed().items() if name.startswith("bio_")][:1]
                          == [background.group(1)], process)

    def test_it_takes_the_lists_of_larger_machines(self):
        self.needs("redis-server")
        for machine, workers in (("hybrid", "4"), ("epyc-nps1", "auto")):
            text = self.emit("redis", self.plan(machine, workers)).read_text()
            path = self.folder / "redis.conf"
            # Redis reads all of the file before it stumbles over the last line.
            path.write_text(f"{text}port none\n")
            done = run([find("redis-server"), path])
            self.assertNotEqual(done.status, 0)
            self.assertIn("port none", done.out + done.err)


class Systemd(layouts.TestCase):
    def verify(self, unit, drop_in):
        """What systemd-analyze says of a unit with the drop-in."""
        self.needs("systemd-analyze")
        units = self.folder / "units"
        (units / f"{unit}.d").mkdir(parents=True, exist_ok=True)
        (units / unit).write_text("[Unit]\nDescription=test\n" + ("[Service]\nExecStart=/bin/true\n" if "service" in unit else ""))
        (units / f"{unit}.d" / "90-torque.conf").write_text(drop_in)
        done = run(["systemd-analyze", "verify", units / unit],
                   env={**os.environ, "SYSTEMD_UNIT_PATH": f"{units}:", "SYSTEMD_LOG_LEVEL": "warning"})
        return "\n".join(line for line in (done.out + done.err).splitlines() if "90-torque.conf" in line)

    def test_it_takes_the_drop_ins(self):
        for machine, workers in (("hybrid", "4"), ("two-sockets", "8"), ("epyc-nps1", "8")):
            layout = self.plan(machine, workers)
            with self.subTest(machine=machine):
                self.assertEqual(self.verify("torque-test.service", self.emit("systemd-unit", layout).read_text()), "")
                self.assertEqual(self.verify("torquetest.slice", self.emit("systemd-slice", layout).read_text()), "")
                # The manager's file has the same setting in another section, and nothing checks that file.
                manager = self.emit("systemd-manager", layout).read_text()
                self.assertEqual(self.verify("torque-test.service", manager.replace("[Manager]", "[Service]")), "")

    def test_it_would_say_what_is_wrong(self):
        text = self.emit("systemd-unit", self.plan("hybrid", "4")).read_text()
        for wrong in (text.replace("CPUAffinity=4-11", "CPUAffinity=4-11:1/2"), text.replace("NUMAMask=0", "NUMAMask=N"),
                      text.replace("NUMAPolicy=bind", "NUMAPolicy=tied")):
            self.assertNotEqual(self.verify("torque-test.service", wrong), "")
        text = self.emit("systemd-slice", self.plan("hybrid", "4")).read_text()
        self.assertNotEqual(self.verify("torquetest.slice", text.replace("0-3 12-19", "0-3 12-19:1/2")), "")


class Irqbalance(layouts.TestCase):
    def test_it_bans_the_isolated_cpus(self):
        """As a user who cannot move an interrupt: it says what it has read before it tries."""
        self.needs("irqbalance", "setpriv", "stdbuf")
        if os.geteuid() != 0:
            self.skipTest("needs root, to run irqbalance as nobody")
        for machine, workers, mask in (("hybrid", "4", 0x00000FF0), ("two-sockets", "8", 0xF0F0F0F0)):
            line = self.emit("irqbalance", self.plan(machine, workers)).read_text().splitlines()[-1]
            name, value = line.split("=")
            command = ["stdbuf", "-oL", "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", find("irqbalance"),
                       "--foreground", "--debug", "--oneshot"]
            with subprocess.Popen(command, env={**os.environ, name: value}, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, text=True) as process:
                self.addCleanup(process.kill)
                banned = next((said for said in process.stdout if said.startswith("Banned CPUs:")), "")
                process.kill()
            with self.subTest(machine=machine):
                self.assertEqual(int(banned.split()[-1].replace(",", "") or "0", 16), mask, banned)


class Tuned(layouts.TestCase):
    READ = ("import sys\nfrom tuned.profiles.variables import Variables\nfrom tuned.utils.commands import commands\n"
            "variables = Variables()\nvariables.add_from_file(sys.argv[1])\n"
            "for name in ('isolated_cores', 'no_balance_cores'):\n"
            "    print(commands().cpulist_unpack(variables.expand('${%s}' % name)))\n")

    def test_it_reads_the_variables(self):
        self.needs("tuned-adm")
        for machine, workers, cpus in (("hybrid", "4", range(4, 12)),
                                       ("two-sockets", "8", [cpu for cpu in range(32) if cpu // 4 % 2])):
            file = self.emit("tuned", self.plan(machine, workers))
            done = run([DEBIAN_PYTHON, "-c", self.READ, file])
            self.assertEqual(done.status, 0, done.err)
            self.assertEqual(done.out, f"{list(cpus)}\n" * 2)


class Slurm(layouts.TestCase):
    """The node's line of this machine, in a cluster that consists of nothing else."""

    def test_slurmd_reserves_the_housekeeping_cpus(self):
        self.needs("slurmd", "hwloc-calc")
        if os.geteuid() != 0:
            self.skipTest("slurmd needs root")
        layout = self.plan_here(self.two_cpus()[:1])
        housekeeping = json.loads(layout.read_text())["housekeeping"]
        if topo("emit", "slurm", "--layout", layout).status != 0:
            self.skipTest("the plan of this machine isolates nothing, or is for a part of it")
        env = {**os.environ, "PATH": os.pathsep.join((os.environ["PATH"], *layouts.SBIN))}
        done = run(["sh", self.emit("slurm", layout)], env=env)
        self.assertEqual(done.status, 0, done.err)
        self.assertRegex(done.out, r"\ANodeName=\S+ CPUs=\d+ .*ThreadsPerCore=\d+ .* CpuSpecList=\d+(,\d+)*\n\Z")
        name = re.match(r"NodeName=(\S+)", done.out).group(1)
        (self.folder / "spool").mkdir()
        (self.folder / "cgroup.conf").write_text("ConstrainCores=no\n")
        path = self.folder / "slurm.conf"
        path.write_text(f"ClusterName=test\nSlurmctldHost={name}(127.0.0.1)\nSlurmctldPort=1\nSlurmdPort=0\nSlurmUser=root\n"
                        "AuthType=auth/none\nCredType=cred/none\nTaskPlugin=task/none\nProctrackType=proctrack/linuxproc\n"
                        "MpiDefault=none\n"
                        f"SlurmdSpoolDir={self.folder}/spool\nSlurmdPidFile={self.folder}/pid\nStateSaveLocation={self.folder}\n"
                        f"{done.out}PartitionName=p Nodes=ALL\n")
        process = self.start([find("slurmd"), "-D", "-f", path, "-N", name], env=env)
        said = self.wait_for(lambda: re.search(r"Reserved machine CPU IDs: (\S+)", (self.folder / "output").read_text()), process)
        self.assertEqual(said.group(1), housekeeping)


class Masks(layouts.TestCase):
    def test_hwloc_reads_the_masks_of_perftune(self):
        self.needs("hwloc-calc")
        file = self.emit("perftune", self.plan("epyc-nps1", "8"))
        masks = dict(re.findall(r"(?m)^(\w+): '(.*)'$", file.read_text()))
        workers = [7 + 8 * i for i in range(8)]
        irqs = [cpu for cpu in range(128) if cpu % 8 != 7]
        for arguments, cpus in (([masks["irq_cpu_mask"]], irqs), ([masks["cpu_mask"]], sorted(irqs + workers)),
                                ([masks["cpu_mask"], "~" + masks["irq_cpu_mask"]], workers)):
            done = run(["hwloc-calc", "-i", "core:64 pu:2", "--physical-output", "--intersect", "pu", *arguments])
            self.assertEqual(done.status, 0, done.err)
            self.assertEqual(sorted(map(int, done.out.split(","))), cpus)


class Documents(layouts.TestCase):
    """YAML, TOML and XML: read back as what they should say."""

    def test_yaml(self):
        try:
            import yaml
        except ImportError:
            self.skipTest("python3-yaml is not installed")
        layout = self.plan("two-sockets", "8")
        kubelet = yaml.safe_load(self.emit("kubelet", layout).read_text())
        self.assertEqual(kubelet, {
            "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration", "cpuManagerPolicy": "static",
            "cpuManagerPolicyOptions": {"full-pcpus-only": "true", "strict-cpu-reservation": "true"},
            "reservedSystemCPUs": "0-3,8-11,16-19,24-27"})
        profile = yaml.safe_load(self.emit("openshift", layout).read_text())
        self.assertEqual(profile["spec"]["cpu"], {"isolated": "4-7,12-15,20-23,28-31", "reserved": "0-3,8-11,16-19,24-27"})
        perftune = yaml.safe_load(self.emit("perftune", layout).read_text())
        self.assertEqual(perftune, {"cpu_mask": "0x0f0fffff", "irq_cpu_mask": "0x0f0f0f0f"})

    def test_labels(self):
        """Keys and values as Kubernetes takes them: labels of 63 characters with an alphanumeric at each end."""
        for machine, words in (("two-sockets", ["8"]), ("hybrid", ["4"]), ("container-v2", ["auto"])):
            layout = self.plan(machine, *words)
            lines = [line for line in self.emit("nfd", layout).read_text().split("\n") if line and not line.startswith("#")]
            labels = dict(line.split("=", 1) for line in lines)
            document = json.loads(layout.read_text())
            prefix = "feature.node.kubernetes.io/torque-"
            self.assertEqual(labels[prefix + "fingerprint"], document["machine"]["fingerprint"])
            self.assertEqual(labels[prefix + "workers"], str(len(document["workers"])))
            for key, value in labels.items():
                self.assertRegex(key.split("/")[1], r"\A[A-Za-z0-9][\w.-]{0,61}[A-Za-z0-9]\Z")
                self.assertRegex(value, r"\A[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?\Z")

    def test_a_fingerprint_that_is_none(self):
        layout = self.plan("hybrid", "4")
        document = json.loads(layout.read_text())
        for text in ("", "a\nb", 'a"b', "a,b", "x" * 64):
            document["machine"]["fingerprint"] = text
            layout.write_text(json.dumps(document))
            for format in ("nfd", "ansible"):
                with self.subTest(text=text, format=format):
                    self.assert_fails(topo("emit", format, "--layout", layout), 1, "/machine/fingerprint")

    def facts(self, layout, environment):
        """What Ansible makes of the file, which it looks for in a folder."""
        folder = self.folder / "facts.d"
        folder.mkdir(exist_ok=True)
        (folder / "torque.fact").write_text(self.emit("ansible", layout).read_text())
        done = run(["ansible", "localhost", "-c", "local", "-i", "localhost,", "-m", "setup", "-a",
                    f"fact_path={folder} gather_subset=!all,!min,local"], env=environment)
        self.assertEqual(done.status, 0, done.err + done.out)
        return json.loads(done.out.split("=>", 1)[1])["ansible_facts"]["ansible_local"]["torque"]

    def test_ansible_reads_the_facts(self):
        self.needs("ansible")
        # ansible speaks UTF-8 or not at all.
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(self.folder), "ANSIBLE_NOCOLOR": "1"}
        facts = self.facts(self.plan("hybrid", "4"), environment)
        self.assertEqual((facts["workers"], facts["worker_cpus"]), (4, [4, 6, 8, 10]))
        self.assertEqual((facts["isolated"], facts["housekeeping"]), ("4-11", "0-3,12-19"))
        self.assertTrue(facts["boot_line"].startswith("isolcpus=managed_irq,domain,4-11 nohz_full=4-11 "))
        self.assertEqual(facts["boot_parameters"]["rcu_nocb_poll"], None)
        self.assertEqual(facts["boot_parameters"]["irqaffinity"], "0-3,12-19")
        facts = self.facts(self.plan("hybrid", "4", "--profile", "runtime"), environment)
        self.assertEqual((facts["boot_line"], facts["boot_parameters"]), (None, {}))

    def test_toml(self):
        try:
            import tomllib
        except ImportError:
            self.skipTest("this Python has no tomllib, which came with 3.11")
        bootc = tomllib.loads(self.emit("bootc", self.plan("epyc-nps1", "8")).read_text())
        self.assertEqual(bootc["kargs"][:2], ["isolcpus=managed_irq,domain,7-127:1/8", "nohz_full=7-127:1/8"])

    def domain(self, layout):
        """A guest's definition with the elements in it."""
        path = self.folder / "domain.xml"
        path.write_text("<domain type='kvm'><name>g</name><memory>1048576</memory>\n" + self.emit("libvirt", layout).read_text()
                        + "<os><type>hvm</type></os></domain>\n")
        return path

    def test_xml(self):
        root = xml.etree.ElementTree.parse(self.domain(self.plan("two-sockets", "8"))).getroot()
        self.assertEqual(root.find("vcpu").text, "8")
        self.assertEqual({pin.get("vcpu"): pin.get("cpuset") for pin in root.iter("vcpupin")},
                         {str(i): cpu for i, cpu in enumerate("4 5 6 7 12 13 14 15".split())})
        self.assertEqual(root.find("numatune/memory").attrib, {"mode": "strict", "nodeset": "0-1"})

    def test_libvirt_takes_the_xml(self):
        self.needs("virt-xml-validate")
        layout = self.plan("two-sockets", "8")
        path = self.domain(layout)
        done = run(["virt-xml-validate", path, "domain"])
        self.assertEqual(done.status, 0, done.err + done.out)
        path.write_text(path.read_text().replace("cpuset='0-3", "cpuset='0-3:1/2"))
        self.assertNotEqual(run(["virt-xml-validate", path, "domain"]).status, 0)


if __name__ == "__main__":
    main()
