import json
import socketserver


class JobHandler(socketserver.StreamRequestHandler):
    """Receive a job description from a client and queue it."""

    timeout = 10

    def handle(self):
        size = int.from_bytes(self.rfile.read(4), "big")
        if size > 65536:
            return
        message = self.rfile.read(size)
        try:
            job = json.loads(message)
        except ValueError:
            self.wfile.write(b"rejected\n")
            return
        self.server.jobs.put(job)
        self.wfile.write(b"queued\n")
