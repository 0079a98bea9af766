"""Headers of tar archives (POSIX ustar), one at a time: also of archives that no archiver would write."""

import struct

BLOCK = 512
END = bytes(2 * BLOCK)
FILE, HARD_LINK, LINK, FOLDER = b"0", b"1", b"2", b"5"


def split(path):
    """The header's name (up to 100 bytes) and prefix (up to 155) of a path."""
    if len(path) <= 100:
        return path, b""
    cut = path.index(b"/", len(path) - 101)
    if cut > 155:
        raise ValueError(f"too long for a ustar header: {path!r}")
    return path[cut + 1:], path[:cut]


def header(path, size=0, kind=FILE, target=""):
    name, prefix = split(path.encode())
    octal = f"{size:011o}\0".encode() if size < 1 << 33 else b"\x80" + size.to_bytes(11, "big")  # as GNU tar
    fields = struct.pack("100s8s8s8s12s12s8sc100s8s32s32s8s8s155s12x", name, b"0000644", b"0000000", b"0000000", octal,
                         b"00000000000", b" " * 8, kind, target.encode(), b"ustar\00000", b"", b"", b"", b"", prefix)
    return fields[:148] + f"{sum(fields):06o}\0 ".encode() + fields[156:]


def entry(path, data=b"", kind=FILE, target=""):
    """A whole entry: header, content, padding."""
    return header(path, len(data), kind, target) + data + bytes(-len(data) % BLOCK)
