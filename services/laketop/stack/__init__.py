"""The stack: set-up, supervision and the command line. It may import every other package; nothing imports it."""
