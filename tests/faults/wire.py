"""The wire between workers and Postgres: a TCP proxy that cuts connections when a test says so, and may change its end.

It carries bytes and knows one thing of what they mean: whether the server has said that a transaction is open.
"""

import random
import socket
import struct
import threading
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

_READY = b"Z\0\0\0\x05"  # ReadyForQuery; the byte after it: I idle, T in a transaction, E in a failed one


class Wire:
    """Listens on 127.0.0.1; each connection goes to the Unix socket `upstream`."""

    def __init__(self, database_url: str) -> None:
        parts = urlsplit(database_url)
        self.upstream = self.socket_of(database_url)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"{parts.scheme}://{parts.username}@127.0.0.1:{self.listener.getsockname()[1]}{parts.path}"
        self.lock = threading.Lock()
        self.pairs: dict[socket.socket, tuple[socket.socket, bytearray]] = {}
        self.cuts = self.cuts_in_transaction = 0
        threading.Thread(target=self._accept, name="wire", daemon=True).start()

    @staticmethod
    def socket_of(database_url: str) -> Path:
        """The socket of a server that listens on no address."""
        query = parse_qs(urlsplit(database_url).query)
        return Path(query["host"][0]) / f".s.PGSQL.{query['port'][0]}"

    def cut(self, draw: random.Random, *, in_transaction: bool) -> bool:
        """Cuts one connection, both ways and without a goodbye; False where there is none to cut."""
        with self.lock:
            live = [(client, state) for client, (_, state) in self.pairs.items()]
        among = [client for client, state in live if not in_transaction or bytes(state) in (b"T", b"E")]
        if not among:
            return False
        chosen = draw.choice(among)
        with self.lock:
            pair = self.pairs.get(chosen)
        if pair is None:
            return False
        self.cuts += 1
        self.cuts_in_transaction += bytes(pair[1]) in (b"T", b"E")
        self._drop(chosen)
        return True

    def close(self) -> None:
        """Takes no more, and cuts what there is."""
        self.listener.close()
        for client in list(self.pairs):
            self._drop(client)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(str(self.upstream))
            except OSError:  # nobody is there: neither for the client
                client.close()
                server.close()
                continue
            state = bytearray(b"I")
            with self.lock:
                self.pairs[client] = server, state
            for source, target, watched in ((client, server, None), (server, client, state)):
                args = (client, source, target, watched)
                threading.Thread(target=self._carry, args=args, name="wire", daemon=True).start()

    def _carry(
        self, client: socket.socket, source: socket.socket, target: socket.socket, watched: bytearray | None
    ) -> None:
        with suppress(OSError):
            while piece := source.recv(65_536):
                at = piece.rfind(_READY) if watched is not None else -1
                if watched is not None and 0 <= at == len(piece) - 6:
                    watched[:] = piece[-1:]
                target.sendall(piece)
        self._drop(client)

    def _drop(self, client: socket.socket) -> None:
        with self.lock:
            pair = self.pairs.pop(client, None)
        if pair is None:
            return
        for one in (client, pair[0]):
            with suppress(OSError):  # a reset where there is one, not an orderly end
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
