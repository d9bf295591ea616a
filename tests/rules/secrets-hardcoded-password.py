import getpass
import os

# ruleid: secrets-hardcoded-password
DB_PASSWORD = "hunter2!"


class Client:
    def __init__(self):
        # ruleid: secrets-hardcoded-password
        self.password = "s3cr3tpw"


# ruleid: secrets-hardcoded-password
def connect(host, password="admin123"):
    return host, password


def weak(app):
    # ruleid: secrets-hardcoded-password
    app.config["MAIL_PASSWORD"] = "Summer2024"


def fine(form):
    # ok: secrets-hardcoded-password
    password = os.environ["DB_PASSWORD"]
    # ok: secrets-hardcoded-password
    password = ""
    # ok: secrets-hardcoded-password
    password = "your_password"
    # ok: secrets-hardcoded-password
    password = getpass.getpass("Password: ")
    # ok: secrets-hardcoded-password
    password_error = "Password must be longer"
    # ok: secrets-hardcoded-password
    password_field = "user_pw_input"
    # ok: secrets-hardcoded-password
    form["password"] = "<hidden>"
    return password, password_error, password_field


# ok: secrets-hardcoded-password
def other(password=None):
    return password


if __name__ == "__main__":
    # ok: secrets-hardcoded-password
    password = "demo-value-1"
