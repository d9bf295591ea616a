from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import login_user

from .extensions import limiter
from .forms import LoginForm
from .services import verify_login

auth = Blueprint("auth", __name__)


@auth.route("/login", methods=["GET", "POST"])
@limiter.limit("10/minute")
def login():
    """Sign the user in and go back to where they came from."""
    form = LoginForm()
    if form.validate_on_submit():
        user = verify_login(form.email.data, form.password.data)
        if user is not None:
            login_user(user)
            target = request.args.get("next") or url_for("main.index")
            return redirect(target)
    return render_template("login.html", form=form)
