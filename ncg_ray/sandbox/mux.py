"""Many runs over one byte stream, for back ends through which no descriptor can pass.

A frame: run (4 bytes), channel (1 byte), length (4 bytes), then so many bytes; big-endian. An empty frame on REQUESTS,
REPLIES or PRINTED says that this pipe was closed. Used by both ends (`relay.py`, `zygote.py`); standard library only.
"""

import os
import struct

ORDER, REQUESTS, REPLIES, PRINTED, STATUS, KILL = range(6)
"Host to zygote: ORDER (with run 0: the set-up), REQUESTS, KILL; zygote to host: REPLIES, PRINTED, STATUS."
HEADER = struct.Struct(">IBI")
CHUNK_BYTES = 1 << 16


class Stream:
    """One end of the byte stream."""

    def __init__(self, read_fd, write_fd):
        self.read_fd, self.write_fd = read_fd, write_fd
        self.buffer = bytearray()

    def send(self, run, channel, data=b""):
        view = memoryview(HEADER.pack(run, channel, len(data)) + data)
        while view:
            view = view[os.write(self.write_fd, view):]

    def receive(self):
        """Read once; the frames that are whole by now, or None at the end of the stream."""
        data = os.read(self.read_fd, CHUNK_BYTES)
        if not data:
            return None
        self.buffer += data
        frames = []
        while len(self.buffer) >= HEADER.size:
            run, channel, size = HEADER.unpack_from(self.buffer)
            if len(self.buffer) < HEADER.size + size:
                break
            frames.append((run, channel, bytes(self.buffer[HEADER.size:HEADER.size + size])))
            del self.buffer[:HEADER.size + size]
        return frames
