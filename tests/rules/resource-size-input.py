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


@app.post("/body")
async def whole(request):
    body = bytearray(b"")
    async for chunk in request.stream():
        body += chunk
        if len(body) > LIMIT:
            return "too long", 413
    # ok: resource-size-input
    return bytes(body).decode()


@app.get("/between")
def between():
    width = int(request.args["width"])
    if not 1 <= width <= LIMIT:
        return "too wide", 400
    # ok: resource-size-input
    return "x" * width


@app.get("/limit-first")
def limit_first():
    width = int(request.args["width"])
    if LIMIT >= width:
        # ok: resource-size-input
        return "x" * width
    return ""


@app.get("/page")
def page():
    size = int(request.args.get("size", 50))
    # ruleid: resource-size-input
    return str(Measurement.query.limit(size).all())


@app.get("/page-capped")
def page_capped():
    size = min(int(request.args.get("size", 50)), LIMIT)
    # ok: resource-size-input
    return str(Measurement.query.limit(size).all())
