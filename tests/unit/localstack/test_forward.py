from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from laketop_localstack.forward import Forwarder, UnreachableError, end_to_end


def test_hop_by_hop_headers_stay_behind() -> None:
    headers = [("Host", "h"), ("Connection", "close, X-Mine"), ("x-mine", "1"), ("TE", "gzip"), ("A", "1"), ("a", "2")]

    assert end_to_end([*headers, ("Transfer-Encoding", "chunked")]) == [("Host", "h"), ("A", "1"), ("a", "2")]


@pytest.mark.parametrize("url", ["https://h:1", "h:1", "http://h:1/path", ""])
def test_only_a_plain_server_is_taken(url: str) -> None:
    with pytest.raises(ValueError, match="http://host:port is needed"):
        Forwarder(url)


class Once(BaseHTTPRequestHandler):
    """Takes a request and hangs up."""

    taken = 0

    def do_POST(self) -> None:
        type(self).taken += 1
        self.close_connection = True
        self.connection.shutdown(2)


def test_a_request_that_may_have_been_carried_out_is_not_sent_twice() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Once)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        with pytest.raises(UnreachableError):
            Forwarder(f"http://127.0.0.1:{server.server_address[1]}").send("POST", "/", [], b"start a job")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert Once.taken == 1


def test_nobody_there() -> None:
    with pytest.raises(UnreachableError, match="ConnectionRefusedError"):
        Forwarder("http://127.0.0.1:9").send("POST", "/", [], b"")
