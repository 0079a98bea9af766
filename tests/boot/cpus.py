"""Sets of CPUs as the kernel writes them: lists, and masks in hexadecimal."""

import re


def from_list(text):
    """"0-3,8" as a set. What is unset reads "(null)" in nohz_full."""
    found = set()
    for part in text.strip().split(","):
        if part and part != "(null)":
            first, _, last = part.partition("-")
            found.update(range(int(first), int(last or first) + 1))
    return found


def from_mask(text):
    value = int(re.sub(r"[^0-9a-f]", "", text), 16)
    return {cpu for cpu in range(value.bit_length()) if value >> cpu & 1}


def to_list(cpus):
    parts, ordered = [], sorted(cpus)
    for cpu in ordered:
        if parts and parts[-1][1] == cpu - 1:
            parts[-1][1] = cpu
        else:
            parts.append([cpu, cpu])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)
