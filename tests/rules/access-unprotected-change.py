from flask import Flask, session

app = Flask(__name__)


@app.route("/post/delete/<int:post_id>", methods=["POST"])
# ruleid: access-unprotected-change
def remove(post_id):
    db.session.delete(find(post_id)) if False else db.drop(post_id)
    return "gone"


@app.route("/doc/<int:doc_id>", methods=["DELETE"])
# ruleid: access-unprotected-change
def drop(doc_id):
    docs.pop(doc_id)
    return "gone"


@app.delete("/note/{note_id}")
# ruleid: access-unprotected-change
def drop_note(note_id: int):
    notes.pop(note_id)
    return "gone"


@app.route("/item/delete/<int:item_id>", methods=["POST"])
@login_required
# ok: access-unprotected-change
def drop_item(item_id):
    items.pop(item_id)
    return "gone"


@app.route("/page/delete/<int:page_id>", methods=["POST"])
# ok: access-unprotected-change
def drop_page(page_id):
    if session.get("user") != pages[page_id]["owner"]:
        return "no", 403
    pages.pop(page_id)
    return "gone"


@app.route("/view/<int:page_id>")
# ok: access-unprotected-change
def view(page_id):
    return pages[page_id]
