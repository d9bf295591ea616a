import pickle
import socketserver


class JobHandler(socketserver.StreamRequestHandler):
    """Receive a job description from a client and queue it."""

    def handle(self):
        size = int.from_bytes(self.rfile.read(4), "big")
        if size > 65536:
            return
        message = self.rfile.read(size)
        job = pickle.loads(message)
        self.server.jobs.put(job)
        self.wfile.write(b"queued\n")
