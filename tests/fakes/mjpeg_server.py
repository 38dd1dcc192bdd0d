"""A small HTTP server for tests that sends JPEG pictures as a camera does: multipart/x-mixed-replace."""

import time
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import cv2
import numpy as np


class MjpegServer:
    """Serves ``pictures`` JPEGs at ``url`` and then ends the stream; ``status`` other than 200 refuses.

    ``sizes``: of every ten pictures, one after the other; ``spoil``: what is made of every picture's octets.
    """

    def __init__(
        self,
        pictures: int = 1000,
        *,
        size: tuple[int, int] = (160, 96),
        status: int = 200,
        sizes: Sequence[tuple[int, int]] | None = None,
        spoil: Callable[[bytes], bytes] = lambda octets: octets,
    ) -> None:
        sizes = sizes or [size]

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                for index in range(pictures if status == 200 else 0):
                    width, height = sizes[index // 10 % len(sizes)]
                    image = np.full((height, width, 3), (index * 5) % 256, np.uint8)
                    data = spoil(cv2.imencode(".jpg", image)[1].tobytes())
                    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n".encode()
                    try:
                        self.wfile.write(head + data + b"\r\n")
                    except OSError:
                        return
                    time.sleep(0.04)

            def log_message(self, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/video"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self) -> "MjpegServer":
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
