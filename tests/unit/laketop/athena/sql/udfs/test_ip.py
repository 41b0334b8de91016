"""Addresses: text and bytes are each other's inverse."""

from hypothesis import given
from hypothesis import strategies as st

from laketop.athena.sql.udfs import ip


@given(st.binary(min_size=16, max_size=16))
def test_an_address_is_read_back_from_its_text(value: bytes) -> None:
    assert ip.parse(ip.text(value)) == value


@given(st.ip_addresses(v=4))
def test_an_old_address_is_carried_as_a_mapped_one(address: object) -> None:
    found = ip.parse(str(address))
    assert found is not None
    assert ip.text(found) == str(address)


@given(st.text(max_size=12))
def test_other_text_is_no_address_or_the_address_that_it_looks_like(text: str) -> None:
    found = ip.parse(text)
    assert found is None or ip.parse(ip.text(found)) == found
