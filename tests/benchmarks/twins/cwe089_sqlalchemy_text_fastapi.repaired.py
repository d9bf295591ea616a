import os

from fastapi import FastAPI, HTTPException
from sqlalchemy import create_engine, text

app = FastAPI()
engine = create_engine(os.environ["DATABASE_URL"])


@app.get("/articles/{slug}")
def read_article(slug: str):
    statement = text("SELECT id, title, body FROM articles WHERE slug = :slug")
    with engine.connect() as connection:
        row = connection.execute(statement, {"slug": slug}).mappings().first()
    if row is None:
        raise HTTPException(status_code=404, detail="Article not found")
    return dict(row)
