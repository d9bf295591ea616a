import csv

from flask import Flask, request

app = Flask(__name__)


@app.route("/add", methods=["POST"])
def add():
    with open("people.csv", "a", newline="") as file:
        writer = csv.writer(file)
        # ruleid: csv-formula-input
        writer.writerow([request.form["name"], request.form["mail"]])
        # ok: csv-formula-input
        writer.writerow(["name", "mail"])
        # ok: csv-formula-input
        writer.writerow([int(request.form["age"])])
    return "done"


@app.route("/safe", methods=["POST"])
def safe():
    name = request.form["name"]
    if name.startswith(("=", "+", "-", "@")):
        name = "'" + name
    with open("people.csv", "a", newline="") as file:
        # ok: csv-formula-input
        csv.writer(file).writerow([name])
    return "done"
