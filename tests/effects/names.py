"""A name server on loopback, UDP and TCP, that speaks real DNS messages and says what a test wants it to."""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

Records = Mapping[str, Sequence[tuple[str, str]]]
"""Name with its dot -> records as (type, text)."""

Respond = Callable[[dns.message.Message], dns.message.Message | None]


def zone(records: Records) -> Respond:
    """Answers from a table; an alias is followed as a resolver does. A name that is not there does not exist."""

    def respond(question: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        name = question.question[0].name.to_text().lower()
        if name not in records:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        for _ in range(5):
            held = records.get(name, ())
            alias = next((text for kind, text in held if kind == "CNAME"), None)
            if alias is None:
                texts = [text for kind, text in held if kind == "TXT"]
                if texts:
                    answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *texts))
                break
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME", alias))
            name = alias
        return answer

    return respond


@contextmanager
def name_server(respond: Respond) -> Iterator[int]:
    """Its port. Over UDP an answer that does not fit is cut off, as real servers do; None: it says nothing."""

    class Datagram(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, socket = self.request
            question = dns.message.from_wire(data)
            answer = respond(question)
            if answer is None:
                return
            wire = answer.to_wire(max_size=65_535)
            if len(wire) > 1_232:
                short = dns.message.make_response(question)
                short.flags |= dns.flags.TC
                wire = short.to_wire()
            socket.sendto(wire, self.client_address)

    class Stream(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            (length,) = struct.unpack("!H", self.rfile.read(2))
            answer = respond(dns.message.from_wire(self.rfile.read(length)))
            if answer is not None:
                wire = answer.to_wire(max_size=65_535)
                self.wfile.write(struct.pack("!H", len(wire)) + wire)

    udp, tcp = _pair(Datagram, Stream)
    with udp, tcp:
        for server in (udp, tcp):
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield int(udp.server_address[1])
        udp.shutdown()
        tcp.shutdown()


def _pair(
    datagram: type[socketserver.BaseRequestHandler], stream: type[socketserver.BaseRequestHandler]
) -> tuple[socketserver.ThreadingUDPServer, socketserver.ThreadingTCPServer]:
    """Both at one port, as a name server has it: one that is free for datagrams may be taken for streams."""
    for _ in range(50):
        udp = socketserver.ThreadingUDPServer(("127.0.0.1", 0), datagram)
        try:
            return udp, socketserver.ThreadingTCPServer(("127.0.0.1", udp.server_address[1]), stream)
        except OSError:
            udp.server_close()
    raise AssertionError("no port is free for both")
