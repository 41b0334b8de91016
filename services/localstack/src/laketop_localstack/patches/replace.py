"""How a patch takes the place of LocalStack's code, and how a test knows what that code was.

`Patched` names it by module and path and holds the hash of its source, read from the file: what is in memory may be
patched already.
"""

import ast
import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Patched:
    """A piece of LocalStack that a patch replaces or leans on.

    Attributes:
        module: the module's dotted name.
        path: the function, class, method or module constant, e.g. `TargetSender.process_event`.
        sha256: of its source in the release that the patch was written for.
    """

    module: str
    path: str
    sha256: str

    def current(self) -> str:
        """The sha256 of its source now.

        Raises:
            LookupError: it is not there any more.
        """
        spec = importlib.util.find_spec(self.module)
        if spec is None or spec.origin is None:
            raise LookupError(f"{self.module} is gone")
        text = Path(spec.origin).read_text()
        node: ast.AST = ast.parse(text)
        for name in self.path.split("."):
            node = _member(node, name, f"{self.module}:{self.path}")
        return hashlib.sha256((ast.get_source_segment(text, node) or "").encode()).hexdigest()


def _member(parent: ast.AST, name: str, wanted: str) -> ast.AST:
    for node in ast.iter_child_nodes(parent):
        match node:
            case ast.FunctionDef(name=found) | ast.AsyncFunctionDef(name=found) | ast.ClassDef(name=found) if (
                found == name
            ):
                return node
            case ast.AnnAssign(target=ast.Name(id=found)) if found == name:
                return node
            case ast.Assign(targets=[ast.Name(id=found)]) if found == name:
                return node
    raise LookupError(f"{wanted} is gone")
