"""What a source may be called in a message: never with a credential."""

from urllib.parse import urlsplit

STREAM_SCHEMES = ("rtsp", "rtsps", "http", "https")
UDP = "rtsp+udp"
"""As an address begins whose pictures come over UDP: later ones are not held up by one that was lost."""


def source_name(spec: str) -> str:
    """What a source may be called: a stream without its secrets, a file by its last part."""
    return stream_name(spec) if "://" in spec else spec.rpartition("/")[2]


def stream_name(url: str) -> str:
    """``url`` without user, password, query and fragment.

    Some cameras take their password inside the path (``/user=admin_password=…``), so a path that assigns
    anything is left out as well.
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    path = "/…" if any(mark in parts.path for mark in "=@&") else parts.path
    return f"{parts.scheme}://{host}{path}"
