"""How the library says no: one error, which names what a script asked for."""

from typing import NoReturn


class UnsupportedError(NotImplementedError):
    """AWS Glue has this, Laketop does not yet."""


def refuse(what: str, instead: str = "") -> NoReturn:
    """Refuse something of AWS Glue.

    Args:
        what: its full name, as a script's author knows it.
        instead: what works here and on AWS alike, where there is something.

    Raises:
        UnsupportedError: always.
    """
    hint = f"; {instead}" if instead else ""
    raise UnsupportedError(f"{what}: Laketop does not support it yet{hint}")


def refuse_attribute(owner: str, name: str, instead: str = "") -> NoReturn:
    """Refuse an attribute that is not there.

    Args:
        owner: the full name of the module or class.
        name: the attribute.
        instead: as for `refuse`.

    Raises:
        AttributeError: it is one of Python's own protocols (`__deepcopy__`, `_repr_html_`), which may be absent.
        UnsupportedError: it is anything else.
    """
    if name.startswith("_"):
        raise AttributeError(f"{owner} has no attribute {name!r}")
    refuse(f"{owner}.{name}", instead)


class Refused:
    """Stands for a name that scripts import with others and may never use: every use is refused.

    Args:
        name: its full name.
        instead: as for `refuse`.
    """

    def __init__(self, name: str, instead: str = "") -> None:
        self._name, self._instead = name, instead

    def __call__(self, *_arguments: object, **_named: object) -> NoReturn:
        """Refuse."""
        refuse(self._name, self._instead)

    def __getattr__(self, name: str) -> NoReturn:
        refuse_attribute(self._name, name, self._instead)

    def __repr__(self) -> str:
        return f"<{self._name}: not supported by Laketop yet>"
