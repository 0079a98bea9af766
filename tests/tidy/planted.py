"""Each lint finds what it is there to find: faults are planted in a copy of the project, one at a time."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import tree

HERE = pathlib.Path(__file__).resolve().parent
LONG_FUNCTION = "\nint planted(int x) {\n" + "    ++x;\n" * 70 + "    return x;\n}\n"

# The lint, the file that gets the fault, what is put at its end (or, given a pair, in another text's place), and
# words of the complaint.
FAULTS = [
    ("layers", "src/base/parse.cc", '#include "plan/place.h"\n', "base includes"),
    ("layers", "src/render/tree.h", '#include "sys/host.h"\n', "render includes"),
    ("layers", "src/serve/main.cc", '#include "plan/place.h"\n', "serve includes"),
    ("layers", "src/serve/CMakeLists.txt", "target_link_libraries(torque-serve PRIVATE torque_plan)\n", "must not use"),
    ("layers", "src/cli/CMakeLists.txt", "target_link_libraries(torque-topo PRIVATE torque_libraries)\n", "must not use"),
    ("layers", "src/sys/dir.cc", "#include <dlfcn.h>\n", "only in probes/libraries"),
    ("layers", "src/base/parse.cc", "#include <nlohmann/json.hpp>\n", "only in src/layout"),
    ("layers", "src/base/parse.h", "#include <fmt/format.h>\n", "only in src/base/format.h"),
    ("layers", "src/cli/main.cc", "#include <CLI/CLI.hpp>\n", "one .cc file of each program"),
    ("layers", "src/sys/dir.cc", "#include <archive.h>\n", "archive.cc"),
    ("layers", "src/sys/dir.cc", "#include <boost/any.hpp>\n", "no known header"),
    ("layers", "CMakeLists.txt", "torque_layer(late src/late USES later)\n", "data flows one way"),
    ("layers", "src/layout/dependencies.cmake", "target_link_libraries(torque_layout PRIVATE torque_plan)\n",
     "under USES"),
    ("sizes", "src/base/parse.cc", "\n" * 500, "500 at most"),
    ("sizes", "src/base/parse.cc", LONG_FUNCTION, "70 at most"),
    ("sizes", "src/base/parse.cc", "\nstruct A {\n    A(int x) : x_{x} {" + "\n        ++x_;" * 71 + "\n    }\n    int x_;\n};\n",
     "70 at most"),
    ("sources", "src/plan/place.cc", '\nconst char* kPlanted = "/sys/devices";\n', "absolute path"),
    ("sources", "src/plan/place.cc", '\nconst char* planted() { return getenv("HOME"); }\n', "environment"),
    ("sources", "src/plan/place.cc", "#include <fstream>\n", "read through Host"),
    ("sources", "src/plan/place.h", "using namespace std;\n", "using namespace std"),
    ("sources", "src/plan/place.h", ("#pragma once", ""), "#pragma once"),
    ("sources", "src/plan/place.h", ("// ", "//"), "sentence of purpose"),
    ("names", "src/render/tree.h", "\nnamespace torque {\nstruct Machine final : Other<int> {\n};\n}\n", "another type"),
    ("public_headers", "include/torque/ids.h", "inline std::string planted() { return {}; }\n", "does not compile alone"),
    ("public_headers", "include/torque/ids.h", "#include <unistd.h>\n", "in a public header"),
    ("architectures", "probes/measure/clock.cc", "#include <x86intrin.h>\n", "for arm64"),
    ("texts", "src/base/parse.cc", "// see /" + "home/somebody/notes\n", "path of the machine"),
    ("texts", "README.md", "a line with space at its end \n", "space at the end"),
    ("texts", "src/base/parse.cc", "\tint planted;\n", "a tab"),
    ("manuals", "man/torque-topo.1", ".Bl -planted\n", "torque-topo.1"),
    ("manuals", "man/torque-topo-plan.1", ("Fl -spill", "Fl -spilt"), "--spill"),
    ("manuals", "man/torque-topo-show.1", ".Fl -planted\n", "does not have"),
]


def run_lint(lint, root, options):
    command = [sys.executable, "-B", str(HERE / f"{lint}.py"), "--root", str(root)]
    if lint == "public_headers":
        command += ["--compiler", options.compiler or "c++", "--include", options.include or ""]
    if lint == "architectures" and options.layers:
        command += ["--layers", options.layers]
    if lint == "manuals" and options.topo:
        command += ["--topo", options.topo]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    return done.returncode, done.stdout + done.stderr


def plant(path, fault):
    text = path.read_text(encoding="utf-8")
    changed = text + fault if isinstance(fault, str) else text.replace(*fault)
    if changed == text:
        sys.exit(f"{path}: nothing to plant {fault!r} in")
    path.write_text(changed, encoding="utf-8")
    return text


def copy_project(root, copy):
    for path in tree.files(root):
        target = copy / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / path, target)
        os.chmod(target, 0o644)


def main():
    options = tree.arguments(__doc__, ("--compiler", "as of public_headers.py"), ("--include", "likewise"),
                             ("--topo", "as of manuals.py"), ("--layers", "as of architectures.py"))
    missed, planted = [], 0
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "project"
        copy_project(options.root, copy)
        for lint in dict.fromkeys(row[0] for row in FAULTS):
            status, said = run_lint(lint, copy, options)
            if status == tree.SKIPPED:
                print(f"{lint}: {said.strip()}")
                continue
            if status != 0:
                missed.append(f"{lint}: complains before anything is planted:\n{said}")
                continue
            for _, path, fault, words in [row for row in FAULTS if row[0] == lint]:
                if not (copy / path).is_file():
                    missed.append(f"{lint}: there is no {path} to plant a fault in: name another file")
                    continue
                planted += 1
                before = plant(copy / path, fault)
                status, said = run_lint(lint, copy, options)
                (copy / path).write_text(before, encoding="utf-8")
                if status != 1 or words not in said:
                    missed.append(f"{lint}: did not find {words!r} in {path}: status {status}\n{said}")
    tree.report(missed, planted)


main()
