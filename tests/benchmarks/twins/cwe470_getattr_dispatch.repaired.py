from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel

from .auth import current_user
from .robot import Robot

app = FastAPI()
robot = Robot()
COMMANDS = {"forward": robot.forward, "turn": robot.turn}


class Command(BaseModel):
    name: str
    distance: float


@app.post("/robot/commands")
def run_command(command: Command, user=Depends(current_user)):
    """Let the toy robot carry out a command."""
    method = COMMANDS.get(command.name)
    if method is None:
        raise HTTPException(status_code=404, detail="Unknown command")
    return {"result": method(command.distance)}
