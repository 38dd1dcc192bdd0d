"""A small HTTP server for tests that sends JPEG pictures as a camera does: multipart/x-mixed-replace."""

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import cv2
import numpy as np


class MjpegServer:
    """Serves ``pictures`` JPEGs at ``url`` and then ends the stream; ``status`` other than 200 refuses."""

    def __init__(self, pictures: int = 1000, *, size: tuple[int, int] = (160, 96), status: int = 200) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                for index in range(pictures if status == 200 else 0):
                    image = np.full((size[1], size[0], 3), (index * 5) % 256, np.uint8)
                    data = cv2.imencode(".jpg", image)[1].tobytes()
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
