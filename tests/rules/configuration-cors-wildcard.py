from flask import Flask
from flask_cors import CORS

app = Flask(__name__)
# ruleid: configuration-cors-wildcard
CORS(app)
# ruleid: configuration-cors-wildcard
CORS(app, origins="*")
# ruleid: configuration-cors-wildcard
CORS(app, resources={r"/api/*": {"origins": "*"}})


@app.after_request
def weak(response):
    # ruleid: configuration-cors-wildcard
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def fine(response):
    # ok: configuration-cors-wildcard
    response.headers["Access-Control-Allow-Origin"] = "https://app.example.org"
    return response


# ok: configuration-cors-wildcard
CORS(app, origins=["https://app.example.org"])
# ok: configuration-cors-wildcard
CORS(app, resources={r"/api/*": {"origins": "https://app.example.org"}})
