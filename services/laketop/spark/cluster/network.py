"""Which of this machine's addresses others reach it at."""

import socket


def address_towards(host: str, port: int) -> str:
    """The address of the interface by which this machine reaches another. Nothing is sent.

    Args:
        host: the other machine, by name or address.
        port: any TCP or UDP port of it.

    Raises:
        OSError: the name is not known, or no route leads there; the message names the host.
    """
    try:
        family, kind, _, _, target = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind) as probe:
            probe.connect(target)
            return str(probe.getsockname()[0])
    except OSError as error:
        raise OSError(f"no way to the Spark master's host {host!r}: {error}") from error
