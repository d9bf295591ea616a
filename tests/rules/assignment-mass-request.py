from flask import Flask, request

app = Flask(__name__)
FIELDS = {"name", "mail"}


@app.route("/user", methods=["POST"])
def update():
    user = load_user()
    for key, value in request.get_json().items():
        # ruleid: assignment-mass-request
        setattr(user, key, value)
    # ruleid: assignment-mass-request
    user.__dict__.update(request.json)
    data = request.get_json()
    # ruleid: assignment-mass-request
    other = User(**data)
    # ok: assignment-mass-request
    other = User(name=data["name"], mail=data["mail"])
    return "done"


@app.route("/safe", methods=["POST"])
def update_safely():
    user = load_user()
    for key, value in request.get_json().items():
        if key in FIELDS:
            # ok: assignment-mass-request
            setattr(user, key, value)
    data = {k: v for k, v in request.get_json().items() if k in FIELDS}
    # ok: assignment-mass-request
    return User(**data)


def create_for(request):
    data = json.loads(request.body)
    # ruleid: assignment-mass-request
    return Listing.objects.create(seller=request.user, **data)


def create_listed(request):
    data = json.loads(request.body)
    # ok: assignment-mass-request
    return Listing.objects.create(seller=request.user, title=data["title"])
