from flask import Flask, jsonify

app = Flask(__name__)
TODOS = ["buy milk", "write the report"]


@app.route("/todos")
def todos():
    return jsonify(TODOS)


@app.route("/todos/<int:number>")
def todo(number):
    if number >= len(TODOS):
        return jsonify({"error": "not found"}), 404
    return jsonify(TODOS[number])


if __name__ == "__main__":
    app.run(debug=False)
