"""Names of hosts that lead to this machine, for programs that know neither proxies nor an
/etc/hosts of their own, such as http.client.
"""

import _socket

PORTS = ("80", "443", "http", "https")


def lead(text):
    """From "127.0.0.1:PORT NAME NAME": whoever looks one of these names up finds that place. The
    module socket asks _socket, which takes less time to load."""
    place, *names = text.split()
    address, _, place_port = place.rpartition(":")
    find = _socket.getaddrinfo

    def getaddrinfo(host, port, *rest, **named):
        if str(port) in PORTS and isinstance(host, str) and host.lower() in names:
            return find(address, int(place_port), *rest, **named)
        return find(host, port, *rest, **named)

    _socket.getaddrinfo = getaddrinfo
