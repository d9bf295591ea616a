from flask import Flask, Response, make_response, request

app = Flask(__name__)


@app.route("/download")
def download():
    name = request.args["name"]
    response = make_response("data")
    # ruleid: header-injection-request
    response.headers["Content-Disposition"] = "attachment; filename=" + name
    # ruleid: header-injection-request
    response.headers.add("X-Name", name)
    # ok: header-injection-request
    response.headers["X-Length"] = str(len(name))
    # ok: header-injection-request
    response.headers["X-Kind"] = "file"
    return response


@app.route("/language")
def language():
    code = request.args["code"]
    if code not in ("en", "de"):
        code = "en"
    # ok: header-injection-request
    return Response("data", headers={"Content-Language": code})


@app.route("/other")
def other():
    # ruleid: header-injection-request
    return Response("data", headers={"X-Other": request.args["other"]})
