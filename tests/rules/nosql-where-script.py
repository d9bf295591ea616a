from flask import Flask, request

app = Flask(__name__)


@app.route("/items")
def items():
    name = request.args["name"]
    # ruleid: nosql-where-script
    found = db.items.find({"$where": f"this.name == '{name}'"})
    # ok: nosql-where-script
    found = db.items.find({"name": name})
    # ok: nosql-where-script
    found = db.items.find({"$where": "this.price > this.cost"})
    return str(list(found))


def adults(collection, age):
    query = {
        # ruleid: nosql-where-script
        "$where": "this.age > " + age,
    }
    return collection.find(query)


def older(collection, age):
    # ok: nosql-where-script
    return collection.find({"$where": "this.age > %d" % int(age)})
