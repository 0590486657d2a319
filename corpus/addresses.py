"""Web addresses: which strings are addresses, and which addresses are the same."""

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

_PORTS = {"http": 80, "https": 443}
# Parameters that track where a reader came from.
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|mc_[ce]id", re.IGNORECASE)


def is_address(words: str) -> bool:
    """Return whether a string is a web address, not a path."""
    return bool(re.match(r"https?://", words, re.IGNORECASE))


def address_key(url: str) -> str | None:
    """Return a key that is the same for all ways to write one web address; None for no address.

    Left out are the scheme, "www.", a port that says nothing, the place in the page, a slash at the
    end, and where a reader came from. Percent-encoding is settled.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not host:
        return None
    if port and port != _PORTS[parts.scheme]:
        host = f"{host}:{port}"
    path = quote(unquote(parts.path, errors="surrogateescape"), errors="surrogateescape")
    known = parse_qsl(parts.query, keep_blank_values=True)
    query = urlencode([(name, value) for name, value in known if not _TRACKING.fullmatch(name)])
    return f"{host.removeprefix('www.')}{path.rstrip('/')}{'?' if query else ''}{query}"
