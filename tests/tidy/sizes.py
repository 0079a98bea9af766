"""Files have 500 lines at most and functions 70, unless they are tables that are named here with the reason."""

import ast
import re

import tree

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70

# Path or path:function, and why it may be longer. An entry that is no longer needed is a fault.
EXCUSED = {
}

FUNCTION_NAME = re.compile(r"([~\w:]+|operator\s*\S+)\s*\(")
INITIALISER = re.compile(r"\)\s*(noexcept\s*)?:\s*(?!:)[^;]*[\w>]\s*$")  # of a constructor: ") : a_{"


def kind_of(head, parens):
    """What a brace after `head` opens: a scope that may hold functions, a function, or a plain value."""
    head = re.sub(r"^\s*#.*$", "", head, flags=re.MULTILINE).strip()
    if parens > 0:
        return "value"
    if re.search(r"\bnamespace\b|^extern\s*\"", head):
        return "scope"
    if re.search(r"\b(class|struct|union|enum)\b", re.sub(r"<[^<>]*>", "", head)) and not re.search(r"\)\s*\w*$", head):
        return "scope"
    if re.search(r"(?<![=!<>])=(?!=)\s*(\w+\s*)?$|\breturn$", head) or "(" not in head:
        return "value"
    return "value" if INITIALISER.search(head) else "function"


def cpp_functions(text):
    """(name, first line, number of lines) of each function body; lambdas count as part of theirs."""
    text = tree.blank(text)
    found, stack = [], []
    head, parens, line = "", 0, 1
    for char in text:
        inside = bool(stack) and stack[-1][0] in ("function", "value")
        if char == "{":
            kind = "value" if inside else kind_of(head, parens)
            stack.append((kind, line, head))
            if kind != "value":
                head = ""
        elif char == "}" and stack:
            kind, first, opened_by = stack.pop()
            if kind == "function":
                name = FUNCTION_NAME.search(re.sub(r"template\s*<[^{}]*?>\s*(?=\w)", "", opened_by))
                found.append((name.group(1) if name else opened_by.strip(), first, line - first + 1))
            inside = bool(stack) and stack[-1][0] in ("function", "value")
            if kind != "value":
                head = ""
            elif not inside:
                head = opened_by + "{}"
        elif not inside:
            parens += {"(": 1, ")": -1}.get(char, 0)
            head = "" if char == ";" and parens <= 0 else head + char
        if char == "\n":
            line += 1
    return found


def python_functions(text):
    return [(node.name, node.lineno, node.end_lineno - node.lineno + 1) for node in ast.walk(ast.parse(text))
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def main():
    root = tree.arguments(__doc__).root
    long, functions_seen, looked_at = {}, 0, 0
    for path in tree.files(root):
        if not path.endswith((".h", ".cc", ".py")) and not path.startswith("scripts/"):
            continue
        looked_at += 1
        text = tree.read(root, path)
        lines = text.count("\n")
        if lines > FILE_LINES_MAX:
            long[path] = f"{path}: {lines} lines; {FILE_LINES_MAX} at most"
        functions = []
        if path.endswith((".h", ".cc")):
            functions = cpp_functions(text)
        elif path.endswith(".py"):
            functions = python_functions(text)
        functions_seen += len(functions)
        for name, first, lines in functions:
            if lines > FUNCTION_LINES_MAX:
                long[f"{path}:{name}"] = f"{path}:{first}: {name}() has {lines} lines; {FUNCTION_LINES_MAX} at most"
    faults = [fault for key, fault in sorted(long.items()) if key not in EXCUSED]
    faults += [f"{key}: is excused in tests/tidy/sizes.py but not too long any more"
               for key in EXCUSED if key not in long]
    print(f"{functions_seen} functions")
    tree.report(faults, min(looked_at, functions_seen))


main()
