from fastapi import APIRouter
from pydantic import BaseModel

from .store import settings

router = APIRouter(prefix="/admin")


class MailSettings(BaseModel):
    smtp_host: str
    smtp_port: int
    sender: str


@router.put("/settings/mail")
def update_mail_settings(body: MailSettings):
    """Replace the mail settings of the whole installation."""
    settings.replace("mail", body.model_dump())
    return {"status": "saved"}
