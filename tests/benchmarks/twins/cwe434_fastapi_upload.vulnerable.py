from pathlib import Path

from fastapi import Depends, FastAPI, File, UploadFile

from .auth import current_user

app = FastAPI()
PUBLIC = Path("/var/www/html/files")


@app.post("/documents")
async def upload_document(document: UploadFile = File(...), user=Depends(current_user)):
    """Publish a document on the company site."""
    name = Path(document.filename).name
    content = await document.read(10_000_000)
    (PUBLIC / name).write_bytes(content)
    return {"name": name, "size": len(content), "uploaded_by": user.id}
