from fastapi import APIRouter, Depends
from pydantic import BaseModel

from .auth import require_admin
from .store import settings

router = APIRouter(prefix="/admin", dependencies=[Depends(require_admin)])


class MailSettings(BaseModel):
    smtp_host: str
    smtp_port: int
    sender: str


@router.put("/settings/mail")
def update_mail_settings(body: MailSettings, admin=Depends(require_admin)):
    """Replace the mail settings of the whole installation."""
    settings.replace("mail", body.model_dump(), changed_by=admin.id)
    return {"status": "saved"}
