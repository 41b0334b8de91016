"""An object's key ↔ its path below its bucket's folder, so that people and tools find objects by their names.

Ordinary keys stay as they are. What no file name can carry is escaped, and every path leads back to its key:

- `%XX` (capital hexadecimal digits) stands for a byte: control characters, the percent sign itself, `.` and `..`, and
  on a disk that takes capitals for small letters everything that such a disk could confuse;
- a part that is `%e` was empty (`a//b`, and `a/`, which consoles make for a folder);
- a part that ends in `%` goes on in the next one, because it was too long for a file name;
- a last part that ends in `%f` is an object beside a folder of its name (`a` beside `a/b`).

Follows "Naming Amazon S3 objects" of the Amazon S3 user guide: a key is at most 1,024 bytes of UTF-8.
"""

import re
import unicodedata
from collections.abc import Iterable

# A file name has 255 bytes at most on Linux and macOS; some are left for `%f` and `%`.
NAME_LIMIT = 240
BESIDE = "%f"

_EMPTY = "%e"
_CONTINUED = "%"
# what every file system takes for a folder itself and the one above it
_FOLDERS = (".", "..")
_UNSAFE = re.compile(r"[%\x00-\x1f\x7f]")
_UNSAFE_OR_FOLDED = re.compile(r"[%\x00-\x1f\x7fA-Z]|[^\x00-\x7f]")
_BYTES = re.compile(r"(?:%[0-9A-F]{2})+")


def to_path(key: str, fold: bool = False) -> str:
    """The path of a key.

    Args:
        key: the object's key.
        fold: whether the disk takes names for equal that differ by case or by the form of their accents only.

    Returns:
        A relative path, its parts joined by `/`; no part is longer than `NAME_LIMIT` bytes.
    """
    return "/".join(_part(part, fold) for part in key.split("/"))


def to_key(path: str) -> str:
    """The key of a path that `to_path` gave, or of one with `BESIDE` behind it."""
    joined = path.removesuffix(BESIDE).replace(_CONTINUED + "/", "")
    return "/".join("" if part == _EMPTY else _BYTES.sub(_decoded, part) for part in joined.split("/"))


def _part(part: str, fold: bool) -> str:
    if not part:
        return _EMPTY
    if part in _FOLDERS:
        return part.replace(".", "%2E")
    folded = fold and unicodedata.normalize("NFC", part.casefold()) != part
    unsafe = _UNSAFE_OR_FOLDED if folded else _UNSAFE
    signs = [_encoded(sign) if unsafe.match(sign) else sign for sign in part] if unsafe.search(part) else part
    name = "".join(signs)
    return name if len(name.encode()) <= NAME_LIMIT else _split(signs)


def _encoded(sign: str) -> str:
    return "".join(f"%{byte:02X}" for byte in sign.encode())


def _decoded(found: re.Match[str]) -> str:
    return bytes.fromhex(found[0].replace("%", "")).decode()


def _split(signs: Iterable[str]) -> str:
    """A name in pieces; what stands for one sign stays together."""
    pieces, size = [""], 0
    for sign in signs:
        length = len(sign.encode())
        if size + length > NAME_LIMIT - len(_CONTINUED):
            pieces.append("")
            size = 0
        pieces[-1] += sign
        size += length
    if pieces[-1] in _FOLDERS:
        pieces[-1] = pieces[-1].replace(".", "%2E")
    return (_CONTINUED + "/").join(pieces)
