from fastapi import FastAPI
from pydantic import BaseModel, Field

app = FastAPI()


class GameState(BaseModel):
    level: int = Field(ge=1, le=100)
    score: int = Field(ge=0, le=1_000_000)


@app.post("/games/resume")
async def resume_game(state: GameState):
    """Continue a game from the state that the client saved."""
    return {"level": state.level, "score": state.score}
