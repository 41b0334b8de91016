"""Runs the command line by `python -m laketop.stack`."""

from laketop.stack.cli import main

if __name__ == "__main__":
    main()
