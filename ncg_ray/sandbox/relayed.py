"""The zygote where no descriptor can be passed to it: all runs share its standard input and output, see `mux.py`.

Lives in the zygote; standard library only.
"""

import gc
import json
import os
import select
import signal
import socket

import ncg_mux


def serve(make_setup, make_standby):
    """Orders come over standard input, and all descriptors of a run stay in here: see `mux.py`."""
    stream = ncg_mux.Stream(os.dup(0), os.dup(1))
    os.dup2(os.open(os.devnull, os.O_RDWR) if os.path.exists(os.devnull) else 2, 0)
    os.dup2(2, 1)
    frames = []
    while not frames:
        frames = stream.receive()
        if frames is None:
            return
    setup = make_setup(json.loads(frames[0][2]))
    setup.is_relayed = True
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    stream.send(0, ncg_mux.ORDER, b"ready")
    runs, poll = {}, select.poll()
    standby = make_standby(setup)
    poll.register(stream.read_fd, select.POLLIN)
    frames = frames[1:]
    while True:
        for number, channel, data in frames:
            if channel == ncg_mux.ORDER:
                runs[number] = RelayedRun(standby, stream, poll, number, data)
                standby = make_standby(setup)
            elif number in runs:
                runs[number].take(channel, data)
        frames = []
        for fd, event in poll.poll():
            if fd == stream.read_fd:
                frames = stream.receive()
                if frames is None:
                    os._exit(0)  # the host is gone
                continue
            for number, run in list(runs.items()):
                if run.on(fd, event):
                    del runs[number]


class RelayedRun:
    """The zygote's ends of one run's pipes."""

    def __init__(self, standby, stream, poll, number, order):
        self.stream, self.poll, self.number = stream, poll, number
        self.pending, self.is_closing = bytearray(), False
        read_fd, self.requests = os.pipe()
        self.replies, write_fd = os.pipe()
        self.printed, output_fd = os.pipe()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        standby.start(order, [read_fd, write_fd, output_fd, theirs.fileno()])
        for fd in (read_fd, write_fd, output_fd):
            os.close(fd)
        theirs.close()
        self.status = ours
        os.set_blocking(self.requests, False)
        for fd in (self.replies, self.printed, ours):
            poll.register(fd, select.POLLIN)

    def take(self, channel, data):
        if channel == ncg_mux.KILL:
            self.status.shutdown(socket.SHUT_WR)
        elif data:
            self.pending += data
            self.flush()
        else:
            self.is_closing = True
            self.flush()

    def flush(self):
        """Send what the run is ready to read; the rest waits."""
        try:
            while self.pending:
                del self.pending[:os.write(self.requests, self.pending[:1 << 16])]
        except BlockingIOError:
            self.poll.register(self.requests, select.POLLOUT)
            return
        except OSError:
            self.pending.clear()
        if self.is_closing and self.requests >= 0:
            os.close(self.requests)
            self.requests = -1

    def on(self, fd, event):
        """Pass on what there is on a descriptor of this run; True where the run is over."""
        if fd == self.requests:
            self.poll.unregister(fd)
            self.flush()
        elif fd in (self.replies, self.printed):
            self.drain(fd)
        elif fd == self.status.fileno():
            data = self.status.recv(ncg_mux.CHUNK_BYTES)
            if data:
                self.stream.send(self.number, ncg_mux.STATUS, data)
                return False
            for pipe in (self.replies, self.printed):
                while self.drain(pipe):
                    pass
            self.poll.unregister(self.status)
            self.status.close()
            if self.requests >= 0:
                try:
                    self.poll.unregister(self.requests)
                except KeyError:
                    pass
                os.close(self.requests)
            self.stream.send(self.number, ncg_mux.STATUS)
            return True
        return False

    def drain(self, fd):
        """One read; False at the end of the pipe."""
        if fd < 0:
            return False
        data = os.read(fd, ncg_mux.CHUNK_BYTES)
        self.stream.send(self.number, ncg_mux.REPLIES if fd == self.replies else ncg_mux.PRINTED, data)
        if not data:
            self.poll.unregister(fd)
            os.close(fd)
            if fd == self.replies:
                self.replies = -1
            else:
                self.printed = -1
        return bool(data)
