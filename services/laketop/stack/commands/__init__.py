"""The sub-commands of `laketop`, a file each: its docstring is its help, its function is what it does."""
