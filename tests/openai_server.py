"""A real HTTP server on loopback that speaks the OpenAI protocol and says what a test wants it to say."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REPLY = "Here you are:\n```python\ndef f(x):\n    return x + 1\n```"


class Server:
    """Answers chat requests with `reply`; `script` holds the status codes to give first, then 200 for ever."""

    def __init__(self, models=("tiny",), script=(), delay_s=0.0, choices=None, reply=REPLY):
        self.requests, self.script = [], list(script)
        outer, stop = self, threading.Event()
        self.stop = stop

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def answer(self, status, body):
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_GET(self):
                self.answer(200, {"object": "list", "data": [{"id": m, "object": "model"} for m in models]})

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                outer.requests.append((body, self.headers.get("authorization")))
                stop.wait(delay_s)
                if outer.script:
                    self.answer(outer.script.pop(0), {"error": {"message": "scripted failure"}})
                    return
                logprobs = {"content": [{"token": "x", "logprob": -0.5, "top_logprobs": []}] * 2}
                message = {"role": "assistant", "content": reply(body) if callable(reply) else reply}
                made = [{"index": i, "finish_reason": "stop", "logprobs": logprobs,
                         "message": message} for i in range(choices or body["n"])]
                usage = {"completion_tokens": 9, "prompt_tokens": 1, "total_tokens": 10}
                self.answer(200, {"id": "1", "object": "chat.completion", "created": 1, "model": body["model"],
                                  "choices": made, "usage": usage})

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.stop.set()
        self.http.shutdown()
        self.http.server_close()
