from flask import Flask, jsonify

app = Flask(__name__)
QUOTES = ["Simple is better than complex.", "Readability counts."]


@app.get("/quotes/<int:number>")
def quote(number):
    """Return one quote."""
    return jsonify(quote=QUOTES[number % len(QUOTES)])


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=8000, debug=True)
