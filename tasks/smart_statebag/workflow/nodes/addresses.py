"""Where api_call may connect: public addresses, ports 80 and 443 (Contract 6.5)."""

import ipaddress
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import httpx

from tasks.smart_statebag.workflow.node_errors import NodeError

ResolveHost: TypeAlias = Callable[[str, int], list[str]]
_DEFAULT_PORTS = {"http": 80, "https": 443}


def resolve_host(host: str, port: int) -> list[str]:
    """The addresses of a name, by the system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[4][0]) for address in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRules:
    """Which addresses and ports are allowed."""

    ports: frozenset[int] = frozenset({80, 443})
    allow_private: bool = False
    resolve: ResolveHost = resolve_host

    @classmethod
    def from_environment(cls, values: Mapping[str, str] = os.environ) -> "AddressRules":
        """``API_CALL_PORTS`` (separated by commas), ``API_CALL_ALLOW_PRIVATE`` ("true")."""
        ports = values.get("API_CALL_PORTS") or "80,443"
        return cls(
            ports=frozenset(int(port) for port in ports.split(",")),
            allow_private=values.get("API_CALL_ALLOW_PRIVATE", "").lower() == "true",
        )

    def address_of(self, url: httpx.URL) -> str:
        """The address to connect to, after checking every address of the name.

        Raises:
            NodeError: The scheme, the port or one of the addresses is not allowed, or the name
                has no address.
        """
        port = url.port or _DEFAULT_PORTS.get(url.scheme)
        if port is None or not url.host:
            raise NodeError("AddressRefused", f"{url} is not an http or https address")
        if port not in self.ports:
            raise NodeError("AddressRefused", f"port {port} is not allowed")
        try:
            addresses = self.resolve(url.host, port)
        except OSError as error:
            raise NodeError("ConnectionFailed", f"{url.host}: {error}", retryable=True) from error
        if not addresses:
            raise NodeError("ConnectionFailed", f"{url.host} has no address")
        for address in addresses:
            self._check(address, url.host)
        return addresses[0]

    def _check(self, address: str, host: str) -> None:
        found = ipaddress.ip_address(address.partition("%")[0])
        embedded = getattr(found, "ipv4_mapped", None) or found
        if not self.allow_private and (not embedded.is_global or embedded.is_multicast):
            raise NodeError("AddressRefused", f"{host} resolves to {address}, which is not public")


class CheckedTransport(httpx.HTTPTransport):
    """Checks the address of every request, redirected ones too, and connects to just that one.

    Asking the resolver again for the connection would let a name change its address in between.
    """

    def __init__(self, rules: AddressRules) -> None:
        super().__init__(trust_env=False)
        self._rules = rules

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        address = self._rules.address_of(request.url)
        pinned = httpx.Request(
            request.method,
            request.url.copy_with(host=address),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": request.url.host},
        )
        return super().handle_request(pinned)
