"""Keep requests out of our own network: only addresses that were checked are connected to."""

import asyncio
import ipaddress
import socket

from domain.errors import LeadSourceFailed

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


async def public_addresses(host: str, port: int | None) -> list[str]:
    """What the name stands for now; `refused` if any of it is not on the public internet.

    OSError or UnicodeError if the name cannot be resolved.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(item[4][0]) for item in found]
    if not all(is_public(address) for address in addresses):
        raise LeadSourceFailed(
            "refused", "the source has a private address; CRM_SOURCE_ALLOW_PRIVATE=true allows it"
        )
    return addresses


def is_public(address: str) -> bool:
    """An IPv6 address that leads to an IPv4 address is as public as that one."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if ip.is_site_local:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved
