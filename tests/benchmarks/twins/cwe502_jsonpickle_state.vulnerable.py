import jsonpickle
from fastapi import FastAPI, Request

app = FastAPI()


class GameState:
    def __init__(self, level, score):
        self.level = level
        self.score = score


@app.post("/games/resume")
async def resume_game(request: Request):
    """Continue a game from the state that the client saved."""
    body = (await request.body()).decode("utf-8")
    state = jsonpickle.decode(body)
    return {"level": state.level, "score": state.score}
