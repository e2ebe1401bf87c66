"""Gates in front of a simulated broker: what goes through them can be cut, and what knocks is counted."""

import contextlib
import selectors
import socket
import threading
import urllib.parse


class Gate:
    """Hands connections on to a port while it is open; while it is closed it drops them at once."""

    def __init__(self, port):
        self.target, self.knocks, self.most_at_once = port, 0, 0
        self.is_open, self.pairs = True, set()
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.knocks += 1
                if not self.is_open:
                    peer.close()
                    continue
                pair = (peer, socket.create_connection(("127.0.0.1", self.target)))
                self.pairs.add(pair)
                self.most_at_once = max(self.most_at_once, len(self.pairs))
            threading.Thread(target=self.carry, args=(pair,), daemon=True).start()

    def carry(self, pair):
        other = {pair[0]: pair[1], pair[1]: pair[0]}
        with contextlib.suppress(OSError, ValueError), selectors.DefaultSelector() as selector:
            for end in pair:
                selector.register(end, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    data = key.fileobj.recv(65536)
                    if not data:
                        raise OSError("ended")
                    other[key.fileobj].sendall(data)
        self.forget(pair)

    def forget(self, pair):
        with self.lock:
            self.pairs.discard(pair)
        for end in pair:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def shut(self):
        """Cuts what goes through, and lets nobody in."""
        with self.lock:
            self.is_open = False
            pairs = list(self.pairs)
        for pair in pairs:
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def open(self):
        with self.lock:
            self.is_open, self.knocks, self.most_at_once = True, 0, 0

    def close(self):
        self.shut()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class Gated:
    """A simulated broker behind gates: one for calls, one for each socket."""

    def __init__(self, broker):
        environment = dict(broker.ready["sandbox"]["environment"])
        self.sandbox, self.gates = broker.sandbox, {}
        for name, key in (("calls", "LONGBRIDGE_HTTP_URL"), ("quote", "LONGBRIDGE_QUOTE_WS_URL"), ("trade", "LONGBRIDGE_TRADE_WS_URL")):
            port = urllib.parse.urlsplit(environment[key]).port
            gate = self.gates[name] = Gate(port)
            environment[key] = environment[key].replace(f":{port}", f":{gate.port}")
        self.ready = {"sandbox": {"environment": environment}}

    def shut(self):
        for gate in self.gates.values():
            gate.shut()

    def open(self):
        for gate in self.gates.values():
            gate.open()

    def close(self):
        for gate in self.gates.values():
            gate.close()
