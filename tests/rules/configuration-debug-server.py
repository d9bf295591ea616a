import os
from flask import Flask

app = Flask(__name__)
# ruleid: configuration-debug-server
app.debug = True
# ruleid: configuration-debug-server
app.config["DEBUG"] = True


def weak():
    # ruleid: configuration-debug-server
    app.run(host="127.0.0.1", debug=True)


def fine(parser):
    # ok: configuration-debug-server
    app.run(host="127.0.0.1")
    # ok: configuration-debug-server
    app.run(debug=False)
    # ok: configuration-debug-server
    app.run(debug=os.environ.get("DEBUG") == "1")
    # ok: configuration-debug-server
    parser.run(debug=True)
