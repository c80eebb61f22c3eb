"""Addresses of callers, as limits count them."""

from ipaddress import IPv6Address, ip_address


def network_of(address: str, *, ipv6_prefix: int = 64) -> str:
    """What one caller has to call from: an IPv4 address, or of IPv6 a whole network (a multiple of 8 bits)."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    # A socket that listens on both shows IPv4 so; all of it would be one network.
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return found.packed[: ipv6_prefix // 8].hex()
