"""Which URLs and addresses may be called: the table of tricks."""

import ipaddress

import pytest

from tests.kit.tricks import ADDRESSES, FORMS, GOOD
from tracing.kit.addresses import Target, is_public, may_connect, read_url


class TestFormOfAUrl:
    @pytest.mark.parametrize("url", FORMS)
    def test_of_a_trick_is_refused(self, url: str) -> None:
        assert isinstance(read_url(url, loopback=False), str)

    @pytest.mark.parametrize("url", GOOD)
    def test_of_a_plain_one_is_read(self, url: str) -> None:
        target = read_url(url, loopback=False)
        assert isinstance(target, Target)
        assert url.startswith(target.origin)

    def test_shows_nothing_of_a_refused_url(self) -> None:
        assert "planted" not in str(read_url("https://user:planted@example.org/planted", loopback=False))

    @pytest.mark.parametrize("url", [url for url in FORMS if "//localhost" not in url and "//127.0.0.1" not in url])
    def test_of_a_trick_is_refused_where_this_machine_may_be_called(self, url: str) -> None:
        target = read_url(url, loopback=True)
        assert isinstance(target, str) or target.host == "[::1]"

    def test_by_http_is_read_of_this_machine_alone(self) -> None:
        assert isinstance(read_url("http://127.0.0.1:8000/a", loopback=True), Target)
        assert isinstance(read_url("http://example.org/a", loopback=True), str)


class TestAddress:
    @pytest.mark.parametrize("address", ADDRESSES)
    def test_that_is_not_of_the_public_internet_is_refused(self, address: str) -> None:
        assert not is_public(ipaddress.ip_address(address))

    @pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "100.128.0.1", "2606:4700::6810:84e5"])
    def test_of_the_public_internet_may_be_called(self, address: str) -> None:
        assert is_public(ipaddress.ip_address(address))

    def test_of_this_machine_by_its_own_name_leads_nowhere_else(self) -> None:
        here = Target("http", "localhost", 80, "/")
        assert may_connect(here, [ipaddress.ip_address("127.0.0.1")])
        assert not may_connect(here, [ipaddress.ip_address("10.0.0.1")])
        assert not may_connect(Target("https", "example.org", None, "/"), [ipaddress.ip_address("127.0.0.1")])
