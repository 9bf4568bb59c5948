"""The socket of the endpoint."""

import socket

from pipeline.api.server import bound_listener


def test_accepted_connections_do_not_delay_small_packets() -> None:
    with (
        bound_listener("127.0.0.1", 0) as listener,
        socket.create_connection(listener.getsockname()),
    ):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
