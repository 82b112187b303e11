"""Which hosts the service may call: names on the public internet whose every address is public."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
LONGEST_URL = 2048
LONGEST_HOST = 253

# One spelling per host: lower case, ASCII (IDNA as xn--), no trailing dot, and a last label that begins with a
# letter, so that no decimal, octal or hexadecimal spelling of an address passes for a name.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = rf"(?:{_LABEL}\.)+[a-z][a-z0-9-]{{0,61}}[a-z0-9]"
_URL = re.compile(
    rf"(?P<scheme>https?)://(?P<host>{_NAME}|localhost|127\.0\.0\.1|\[::1\])(?::(?P<port>[1-9][0-9]{{0,4}}))?"
    r"(?P<target>(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?)"
)
_INSIDE = (
    ".localhost",
    ".local",
    ".localdomain",
    ".internal",
    ".intranet",
    ".lan",
    ".home",
    ".corp",
    ".arpa",
    ".onion",
)

_CLOSED = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carriers' NAT, and one cloud's metadata
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # one cloud's host, public by its number alone
        "169.254.0.0/16",  # link-local, and most clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments, and one cloud's metadata
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address inside
        "3fff::/20",  # documentation
    )
)
_UNICAST = ipaddress.ip_network("2000::/3")  # outside it: mapped, compatible, NAT64, local, link-local, multicast
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})  # upper half of an interface id with an IPv4 address inside


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that may be called, in its parts.

    Attributes:
        host: in lower case; an IPv6 address in its brackets.
        port: None means that of the scheme.
        target: path and query as sent, at least ``/``.
    """

    scheme: str
    host: str
    port: int | None
    target: str

    @property
    def origin(self) -> str:
        """Scheme, host and port as written: what is registered, and what messages may show."""
        port = "" if self.port is None else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"

    @property
    def connect_port(self) -> int:
        """The port to connect to."""
        return self.port or (443 if self.scheme == "https" else 80)

    @property
    def loopback(self) -> bool:
        """Whether the host is this machine by its own spelling."""
        return self.host in LOOPBACK_HOSTS


def read_url(url: str, *, loopback: bool) -> Target | str:
    """Return the parts of a URL that may be called, or the reason why it may not, without anything of the URL.

    Args:
        url: absolute; compared sign by sign, so nothing is decoded, folded or repaired.
        loopback: whether this machine may be called, by http too; for tests and demonstrations alone.
    """
    found = _URL.fullmatch(url) if len(url) <= LONGEST_URL else None
    if found is None:
        return "an address is https://, a name in lower case, perhaps a port, a path; no user, no fragment"
    port = int(found["port"]) if found["port"] else None
    target = found["target"] if found["target"].startswith("/") else "/" + found["target"]
    known = Target(found["scheme"], found["host"], port, target)
    if known.loopback:
        return known if loopback else "this machine is not called"
    if known.scheme != "https":
        return "only https is called"
    if len(known.host) > LONGEST_HOST or known.host.endswith(_INSIDE):
        return "the host is not on the public internet"
    if port is not None and port != 443 and not 1024 <= port <= 65535:
        return "the port is 443 or one from 1024 to 65535"
    return known


def is_public(address: Address) -> bool:
    """Return whether an address is one of the public internet, and carries no other address inside."""
    if isinstance(address, ipaddress.IPv6Address):
        if address not in _UNICAST or address.scope_id is not None:
            return False
        if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
            return False
    if any(address in network for network in _CLOSED if network.version == address.version):
        return False
    return address.is_global and not address.is_multicast


def may_connect(target: Target, addresses: Sequence[Address]) -> bool:
    """Return whether every address that a host was resolved to may be connected to."""
    if target.loopback:
        return all(address.is_loopback for address in addresses)
    return all(is_public(address) for address in addresses)
