"""The column names of a file against the contract, and against those of the other datasets."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from lakehouse.contracts import Contract

from .bad_file import BadFileError


@dataclass(frozen=True)
class Schemas:
    """What a file has to be, and what else it could be.

    Attributes:
        contract: the contract of the dataset that the key names.
        others: gives the contracts of the other datasets; called only where the columns are not the contract's.
    """

    contract: Contract
    others: Callable[[], Iterable[Contract]] = tuple

    @property
    def required(self) -> frozenset[str]:
        """The landing columns that must have a value."""
        return frozenset(column.name for column in self.contract.landing if column.required)

    def refuse_other_dataset(self, names: Collection[str]) -> None:
        """Raise OTHER_DATASET where the columns are those of another contract; otherwise do nothing."""
        found = frozenset(names)
        for other in self.others():
            if Schemas(other).required <= found <= frozenset(other.header):
                dataset, wanted = other.dataset, self.contract.dataset
                message = f"the columns are those of {dataset}, and the file came as {wanted}; upload it to {dataset}/"
                raise BadFileError("OTHER_DATASET", message, {"expected": wanted, "found": dataset})
