"""examples/ansible and examples/kubernetes: whole files, fields that there are, playbooks and scripts that run."""

import json
import os
import pathlib
import re
import shutil
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "cli"))

import harness  # noqa: E402
from harness import ROOT, run, topo  # noqa: E402

try:
    import yaml
except ImportError:
    yaml = None

ANSIBLE, KUBERNETES = ROOT / "examples" / "ansible", ROOT / "examples" / "kubernetes"

# The fields that the API has, of those that the examples use; in a list, of each element.
# https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/daemon-set-v1/ and pod-v1/
META = {"name": str, "namespace": str, "labels": dict}
MOUNT = {"name": str, "mountPath": str, "readOnly": bool}
CONTAINER = {"name": str, "image": str, "command": list, "volumeMounts": [MOUNT],
             "securityContext": {"readOnlyRootFilesystem": bool, "allowPrivilegeEscalation": bool, "capabilities": {"drop": list}},
             "resources": {"requests": dict, "limits": dict}}
POD = {"nodeSelector": dict, "automountServiceAccountToken": bool, "hostPID": bool, "initContainers": [CONTAINER],
       "containers": [CONTAINER], "volumes": [{"name": str, "hostPath": {"path": str, "type": str}}]}
DAEMON_SET = {"apiVersion": str, "kind": str, "metadata": META,
              "spec": {"selector": {"matchLabels": dict}, "template": {"metadata": META, "spec": POD}}}


def faults(value, fields, place="/"):
    """What of the value is no field, or of another type."""
    if isinstance(fields, list):
        if not isinstance(value, list):
            return [f"{place}: no list"]
        return [fault for i, one in enumerate(value) for fault in faults(one, fields[0], f"{place}{i}/")]
    if not isinstance(fields, dict):
        return [] if isinstance(value, fields) else [f"{place}: no {fields.__name__}"]
    if not isinstance(value, dict):
        return [f"{place}: no object"]
    return [fault for name, one in value.items()
            for fault in (faults(one, fields[name], f"{place}{name}/") if name in fields else [f"{place}{name}: no such field"])]


class Ansible(harness.TestCase):
    def setUp(self):
        super().setUp()
        if shutil.which("ansible-playbook") is None:
            self.skipTest("ansible-playbook is not installed")

    def play(self, playbook, *arguments):
        """Runs a copy of it for a host that is this machine, whose /etc is a folder."""
        shutil.copy(ANSIBLE / playbook, self.folder)
        inventory = self.folder / "inventory"
        inventory.write_text(f"[servers]\nhere ansible_connection=local ansible_python_interpreter={sys.executable}\n")
        program = self.folder / "bin"
        program.mkdir(exist_ok=True)
        if not (program / "torque-topo").exists():
            (program / "torque-topo").symlink_to(harness.options.topo)
        environment = harness.environment(LC_ALL="C.UTF-8", HOME=str(self.folder), ANSIBLE_NOCOLOR="1",
                                          PATH=f"{program}:" + os.environ["PATH"])
        return run(["ansible-playbook", "-i", inventory, self.folder / playbook, "-e", "ansible_become=false",
                    "-e", f"etc={self.folder}/etc", *arguments], env=environment)

    def test_the_playbooks_are_playbooks(self):
        for playbook in sorted(path.name for path in ANSIBLE.glob("*.yml")):
            with self.subTest(playbook):
                done = self.play(playbook, "--syntax-check")
                self.assertEqual((done.status, done.err), (0, ""), done.out)

    def test_a_host_gets_its_plan(self):
        done = self.play("torque.yml", "-e", "workers=1")
        self.assertEqual(done.status, 0, done.out + done.err)
        layout = json.loads((self.folder / "etc" / "torque" / "layout.json").read_text())
        self.assertEqual(layout["workers"], json.loads(topo("plan", "-w", "1").out)["workers"])
        facts = json.loads((self.folder / "etc" / "ansible" / "facts.d" / "torque.fact").read_text())
        self.assertEqual(facts["worker_cpus"], [worker["cpu"] for worker in layout["workers"]])
        self.assertIn("isolcpus=", (self.folder / "plans" / "here.cfg").read_text())
        self.assertNotIn("Reboot", done.out)

    def test_a_host_that_drifts_fails_its_check(self):
        self.assertEqual(self.play("torque.yml", "-e", "workers=1").status, 0)
        done = self.play("torque.yml", "--tags", "check")
        self.assertEqual(done.status, 2, done.err)  # hosts failed
        self.assertIn("drift  boot-line", done.out)
        file = self.folder / "etc" / "torque" / "layout.json"
        layout = json.loads(file.read_text())
        file.write_text(json.dumps({**layout, "boot": {"cmdline": None, "args": []}, "isolated": "", "runtime": []}))
        self.assertEqual(self.play("torque.yml", "--tags", "check").status, 0)


@unittest.skipUnless(yaml, "python3-yaml is not installed")
class Kubernetes(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.set = yaml.safe_load((KUBERNETES / "torque.yaml").read_text())
        self.pod = self.set["spec"]["template"]["spec"]

    def test_there_are_such_fields(self):
        self.assertEqual((self.set["apiVersion"], self.set["kind"]), ("apps/v1", "DaemonSet"))
        self.assertEqual(faults(self.set, DAEMON_SET), [])
        self.assertEqual(faults({"spec": {"template": {"spec": {"volume": []}}}}, DAEMON_SET), ["/spec/template/spec/volume: no such field"])

    def test_what_is_named_is_there(self):
        self.assertEqual(self.set["spec"]["selector"]["matchLabels"], self.set["spec"]["template"]["metadata"]["labels"])
        volumes = {volume["name"] for volume in self.pod["volumes"]}
        for container in self.pod["initContainers"] + self.pod["containers"]:
            self.assertLessEqual({mount["name"] for mount in container["volumeMounts"]}, volumes)
            self.assertTrue(container["securityContext"]["readOnlyRootFilesystem"])
            self.assertEqual(container["securityContext"]["capabilities"]["drop"], ["ALL"])

    def test_the_plan_is_made_once_and_left_where_it_is_looked_for(self):
        script = self.pod["initContainers"][0]["command"]
        self.assertEqual(script[:2], ["sh", "-ec"])
        for name in ("bin", "torque", "kubelet.conf.d", "features.d"):
            (self.folder / name).mkdir()
        (self.folder / "bin" / "torque-topo").symlink_to(harness.options.topo)
        environment = harness.environment(PATH=f"{self.folder}/bin:" + os.environ["PATH"])
        command = ["sh", "-ec", script[2].replace("/host/", f"{self.folder}/")]
        done = run(command, env=environment)
        if done.status == 1 and "divides a whole machine" in done.err:
            self.skipTest("this machine is a container, which is for others to divide")
        self.assertEqual(done.status, 0, done.err)
        layout = (self.folder / "torque" / "layout.json").read_text()
        housekeeping = json.loads(layout)["housekeeping"]
        kubelet = yaml.safe_load((self.folder / "kubelet.conf.d" / "90-torque.conf").read_text())
        self.assertEqual(kubelet["reservedSystemCPUs"], housekeeping)
        self.assertEqual([path.name for path in (self.folder / "features.d").iterdir()], ["torque"])
        self.assertRegex((self.folder / "features.d" / "torque").read_text(), r"(?m)^feature\.node\.kubernetes\.io/torque-workers=\d+$")
        changed = layout.replace('"policy": "spread"', '"policy": "huddle"')
        (self.folder / "torque" / "layout.json").write_text(changed)
        self.assertEqual(run(command, env=environment).status, 0)
        self.assertEqual((self.folder / "torque" / "layout.json").read_text(), changed)

    def test_the_options_are_options(self):
        for container in self.pod["containers"]:
            program, command, *arguments = container["command"]
            self.assertEqual(program, "torque-topo")
            offered = set(re.findall(r"--[a-z-]+", topo(command, "--help").out))
            self.assertLessEqual({word for word in arguments if word.startswith("--")}, offered)


if __name__ == "__main__":
    harness.main()
