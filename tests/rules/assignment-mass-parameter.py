FIELDS = ("name", "mail")


def update_user(user, data):
    for key, value in data.items():
        # ruleid: assignment-mass-parameter
        setattr(user, key, value)


def create_user(payload: dict):
    # ruleid: assignment-mass-parameter
    return User(**payload)


def update_safely(user, data):
    for key in FIELDS:
        if key in data:
            # ok: assignment-mass-parameter
            setattr(user, key, data[key])


def update_checked(user, data):
    for key, value in data.items():
        if key not in FIELDS:
            continue
        # ok: assignment-mass-parameter
        setattr(user, key, value)


def rename(user, name):
    # ok: assignment-mass-parameter
    setattr(user, "name", name)
