"""Tools of the contracts: the data dictionary, and new contracts inferred from files."""
