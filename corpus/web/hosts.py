"""Which hosts may be asked: a name is looked up once, checked, and its checked address used.

URLs come from people and from pages. One that leads to this machine, its network or the services
of a cloud is refused, however it is written and wherever a redirect hides it. The connection goes
to the address that was checked, so a name cannot mean another one a moment later.
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from urllib.parse import urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from corpus.errors import UnreadableSource

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]

# Public by number, but answered only within one network.
_INTERNAL = tuple(
    ipaddress.ip_network(network)
    for network in ("192.0.0.0/24", "168.63.129.16/32", "192.88.99.0/24", "fec0::/10")
)
# IPv6 addresses that stand for one of IPv4, where a network has only IPv6.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NUMERIC = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)\.?", re.IGNORECASE)
# Programs treat these differently in a URL.
_UNSAFE = re.compile(r"[\s\\\x00-\x20\x7f]")


class Guard:
    """Decides which hosts may be asked, and connects to them.

    `private` names what is allowed though not public: host names, addresses, or networks such as
    "10.1.0.0/16". `resolve` returns the addresses of a host and port.
    """

    def __init__(self, private: Iterable[str] = (), resolve: Resolve | None = None) -> None:
        """Parse the names and networks."""
        self._networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
        self._names: set[str] = set()
        for words in private:
            try:
                self._networks.append(ipaddress.ip_network(words.strip(), strict=False))
            except ValueError:
                self._names.add(words.strip().lower().rstrip("."))
        self._resolve = resolve or look_up
        # Copies of the sockets in use, to break off a request that takes too long.
        self.open: list[socket.socket] = []

    def check_url(self, url: str) -> None:
        """Raise UnreadableSource unless `url` is a plain address of a web page."""
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            raise UnreadableSource(f"{url} is no address of a web page") from None
        if parts.scheme not in {"http", "https"} or not host or _UNSAFE.search(url):
            raise UnreadableSource(f"{url} is no address of a web page")
        if parts.username is not None or parts.password is not None:
            raise UnreadableSource("an address with a name or password in it is not asked")
        # 127.1, 0x7f000001, 017700000001 and the like are numbers in disguise.
        if _NUMERIC.fullmatch(host) and _parse(host) is None:
            raise UnreadableSource(f"{host} is no name of a host")

    def find(self, host: str, port: int) -> Sequence[str]:
        """Return the addresses of a host; raises UnreadableSource if one is not allowed."""
        found = self._resolve(host, port)
        if host.lower().rstrip(".") not in self._names:
            for words in found:
                address = _parse(words)
                if address is None or not self._may_ask(address):
                    raise UnreadableSource(
                        f"{host} is not on the public internet (private_hosts in the settings "
                        "allows it)"
                    )
        return found

    def connect(self, connection: HTTPConnection) -> socket.socket:
        """Return a socket to an address that was just checked.

        Raises urllib3's errors, and UnreadableSource for a host that is not allowed.
        """
        try:
            found = self.find(connection.host.strip("[]"), connection.port)
        except (socket.gaierror, UnicodeError) as error:
            failed = error if isinstance(error, socket.gaierror) else socket.gaierror(str(error))
            raise NameResolutionError(connection.host, connection, failed) from error
        why: OSError = OSError("no address")
        for address in found:
            try:
                made = urllib3.util.connection.create_connection(
                    (address, connection.port),
                    connection.timeout,
                    socket_options=connection.socket_options,
                )
            except OSError as error:
                why = error
                continue
            self.open.append(made.dup())
            return made
        if isinstance(why, TimeoutError):
            raise ConnectTimeoutError(connection, "the server is silent") from why
        raise NewConnectionError(connection, str(why)) from why

    def break_off(self) -> None:
        """End every connection at once; reading from one then fails."""
        for each in self.open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def forget(self) -> None:
        """Close the copies, once the connections are done."""
        while self.open:
            self.open.pop().close()

    def _may_ask(self, address: Address) -> bool:
        known = (address, *_carried(address))
        if any(each in network for network in self._networks for each in known):
            return True
        return all(_is_public(each) for each in known)


def make_pool(guard: Guard) -> urllib3.PoolManager:
    """Return a connection pool whose connections the guard makes."""

    class GuardedHTTP(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return guard.connect(self)

    class GuardedHTTPS(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return guard.connect(self)

    class HTTPPool(urllib3.HTTPConnectionPool):
        ConnectionCls = GuardedHTTP

    class HTTPSPool(urllib3.HTTPSConnectionPool):
        ConnectionCls = GuardedHTTPS

    pool = urllib3.PoolManager()
    pool.pool_classes_by_scheme = {"http": HTTPPool, "https": HTTPSPool}
    return pool


def look_up(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host, each once; raises socket.gaierror."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def _parse(words: str) -> Address | None:
    try:
        # A zone ("%eth0") belongs to addresses of one link.
        return ipaddress.ip_address(words.strip("[]").partition("%")[0].rstrip("."))
    except ValueError:
        return None


def _carried(address: Address) -> Iterable[Address]:
    """Yield the IPv4 addresses that an IPv6 address embeds and leads to."""
    if isinstance(address, ipaddress.IPv4Address):
        return
    if address.ipv4_mapped:
        yield address.ipv4_mapped
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield from address.teredo
    if address in _NAT64:
        yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and (address.ipv4_mapped or address in _NAT64):
        # The embedded address decides.
        return True
    internal = any(address in network for network in _INTERNAL)
    return address.is_global and not (internal or address.is_multicast or address.is_reserved)
