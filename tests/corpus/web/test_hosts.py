import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import UnreadableSource
from corpus.web.hosts import Guard, look_up

PRIVATE = [
    "127.0.0.1", "127.8.9.1", "0.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.100.100.200", "192.0.0.192", "168.63.129.16", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254",
    "ff02::1", "fec0::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:169.254.169.254", "::127.0.0.1",
    "2002:7f00:1::", "2002:a00:1::1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2001:db8::1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


def find(guard: Guard, *addresses: str, host: str = "archive.test") -> list[str]:
    guard._resolve = lambda _host, _port: addresses
    return list(guard.find(host, 80))


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public_is_refused(address: str) -> None:
    with pytest.raises(UnreadableSource, match="not on the public internet"):
        find(Guard(), address)
    with pytest.raises(UnreadableSource):
        find(Guard(), "8.8.8.8", address)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_is_found(address: str) -> None:
    assert find(Guard(), address) == [address]


def test_what_the_settings_name_may_be_asked() -> None:
    assert find(Guard(["Archive.Test."]), "10.0.0.1")
    assert find(Guard(["10.0.0.0/8"]), "10.0.0.1", "::ffff:10.2.0.1")
    assert find(Guard(["fd00::/8"]), "fd00::1")
    for guard in (Guard(["other.test"]), Guard(["10.1.0.0/16"]), Guard(["10.0.0.2"])):
        with pytest.raises(UnreadableSource):
            find(guard, "10.0.0.1")


@given(st.ip_addresses(v=4))
def test_an_address_is_judged_alike_in_whatever_it_is_carried(
    address: ipaddress.IPv4Address,
) -> None:
    def refused(words: str) -> bool:
        try:
            find(Guard(), words)
        except UnreadableSource:
            return True
        return False

    plain = refused(str(address))
    assert refused(f"::ffff:{address}") == plain
    assert refused(str(ipaddress.IPv6Address((0x64FF9B << 96) | int(address)))) >= plain
    sixtofour = ipaddress.IPv6Address((0x2002 << 112) | (int(address) << 80) | 1)
    assert refused(str(sixtofour)) >= plain


@pytest.mark.parametrize(
    "url",
    [
        "http://2130706433/", "http://0x7f000001/", "http://017700000001/", "http://127.1/",
        "http://0177.0.0.1/", "http://127.0.0.0x1/", "http://user@archive.test/",
        "http://user:word@archive.test/", "http://@archive.test/", "http://archive.test\\@a/",
        "http://archive.test/ a", "http://archive.test/\n", "http://archive.test:99999/",
        "http://[::1/", "https:///a", "file:///etc/hostname", "ftp://archive.test/", "gopher://a",
        "//archive.test/", "", "archive.test", "javascript:alert(1)", "http://1.2.3.4.5/",
    ],
)  # fmt: skip
def test_an_address_in_disguise_is_refused(url: str) -> None:
    with pytest.raises(UnreadableSource):
        Guard().check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://archive.test/a?b=c%20d#e", "https://8.8.8.8/", "http://[2606:4700::1111]:8080/",
        "https://日本.test/資料", "https://a1.test./", "HTTPS://ARCHIVE.TEST/",
    ],
)  # fmt: skip
def test_a_plain_address_is_not_refused_for_its_form(url: str) -> None:
    Guard().check_url(url)


def test_a_host_is_looked_up_with_each_address_once() -> None:
    assert list(look_up("127.0.0.1", 80)) == ["127.0.0.1"]
