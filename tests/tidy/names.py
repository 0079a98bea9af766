"""No two types have one name: the linker would take either for both, and no compiler complains."""

import re

import tree

TOKEN = re.compile(r"\bnamespace(?P<namespace>[\s\w:]*)\{"
                   r"|\b(?:struct|class|union|enum(?:\s+class)?)\s+(?P<type>\w+)(?:\s+final)?\s*(?::(?!:)[^;{}()]*)?\{"
                   r"|(?P<open>\{)|(?P<close>\})")


def types_in(text):
    """(qualified name, line) of each type at the level of a namespace that other files can name."""
    scopes = []  # names of namespaces; None for any other braces, "" for a namespace without a name
    for match in TOKEN.finditer(tree.blank(text)):
        if match["close"]:
            if scopes:
                scopes.pop()
            continue
        if match["namespace"] is not None:
            scopes.append(match["namespace"].strip())
            continue
        if match["type"] and all(scopes):
            yield "::".join([*scopes, match["type"]]), text.count("\n", 0, match.start()) + 1
        scopes.append(None)


def main():
    root = tree.arguments(__doc__).root
    places = {}
    paths = tree.cpp_files(root, "src", "probes", "include")
    for path in paths:
        for name, line in types_in(tree.read(root, path)):
            places.setdefault(name, []).append(f"{path}:{line}")
    faults = [f"{where[0]}: {name} is another type in {', '.join(where[1:])}"
              for name, where in places.items() if len(where) > 1]
    if len(places) < 100:
        faults.append(f"only {len(places)} types were found: the search is broken")
    tree.report(faults, len(paths))


main()
