import secrets
from pathlib import Path

from fastapi import Depends, FastAPI, File, HTTPException, UploadFile

from .auth import current_user

app = FastAPI()
STORAGE = Path("/var/lib/documents")
LIMIT = 10_000_000


@app.post("/documents")
async def upload_document(document: UploadFile = File(...), user=Depends(current_user)):
    """Publish a document on the company site."""
    if Path(document.filename or "").suffix.lower() != ".pdf":
        raise HTTPException(status_code=415, detail="Only PDF documents are accepted")
    content = await document.read(LIMIT + 1)
    if len(content) > LIMIT or not content.startswith(b"%PDF-"):
        raise HTTPException(status_code=415, detail="Only PDF documents up to 10 MB are accepted")
    name = secrets.token_hex(16) + ".pdf"
    (STORAGE / name).write_bytes(content)
    return {"name": name, "size": len(content), "uploaded_by": user.id}
