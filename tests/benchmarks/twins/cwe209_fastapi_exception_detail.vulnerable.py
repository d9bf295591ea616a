import os

import psycopg2
from fastapi import FastAPI, HTTPException

app = FastAPI()


@app.get("/stations/{station_id}")
def read_station(station_id: int):
    """Return the name of a weather station."""
    try:
        with psycopg2.connect(os.environ["DSN"]) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT name FROM stations WHERE id = %s", (station_id,))
            row = cursor.fetchone()
    except Exception as exc:
        raise HTTPException(status_code=500, detail=f"database error: {exc}")
    if row is None:
        raise HTTPException(status_code=404)
    return {"name": row[0]}
