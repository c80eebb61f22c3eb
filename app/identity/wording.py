"""What roles are called."""

from collections.abc import Mapping
from typing import Final

from app.identity.actor import Role
from app.kit.text import Text

ROLES: Final[Mapping[Role, Text]] = {
    Role.CITIZEN: Text("申请人", "applicant"),
    Role.AGENT: Text("代办员", "agent"),
    Role.HANDLER: Text("经办员", "handler"),
    Role.EXPERT: Text("鉴定专家", "medical expert"),
    Role.SUPERVISOR: Text("负责人", "supervisor"),
    Role.AUDITOR: Text("稽核员", "auditor"),
    Role.TERMINAL: Text("终端", "terminal"),
    Role.ADMINISTRATOR: Text("系统管理员", "administrator"),
}


def role_name(role: str) -> Text:
    """In the middle of a sentence. An unknown role is a ValueError."""
    return ROLES[Role(role)]
