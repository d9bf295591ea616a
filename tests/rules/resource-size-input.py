from flask import Flask, request

app = Flask(__name__)
LIMIT = 100


@app.route("/numbers")
def numbers():
    count = int(request.args["count"])
    # ruleid: resource-size-input
    return str(list(range(count)))


@app.route("/fill")
def fill():
    size = request.args.get("size", type=int)
    # ruleid: resource-size-input
    return "x" * size


@app.route("/capped")
def capped():
    count = min(int(request.args["count"]), LIMIT)
    # ok: resource-size-input
    return str(list(range(count)))


@app.route("/checked")
def checked():
    count = int(request.args["count"])
    if count > LIMIT:
        return "too many", 400
    # ok: resource-size-input
    return str(list(range(count)))


@app.route("/each")
def each():
    # ok: resource-size-input
    return str([x for x in range(len(request.args))])
