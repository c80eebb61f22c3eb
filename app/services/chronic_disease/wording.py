"""Words for people about chronic-disease cases."""

from app.kit.text import Text
from app.services.chronic_disease.models import ChronicItem, ItemStatus

ITEM_STATES = {
    ItemStatus.WAITING: Text("等待鉴定", "Waiting"),
    ItemStatus.CERTIFIED: Text("专家已认定，等待复核", "Certified, to be reviewed"),
    ItemStatus.REFUSED: Text("未予认定", "Not certified"),
    ItemStatus.APPROVED: Text("已认定", "Granted"),
    ItemStatus.REJECTED: Text("不予办理", "Not granted"),
    ItemStatus.WITHDRAWN: Text("已撤回", "Withdrawn"),
}
APPEALED = Text("复核中", "Being looked at again")


def state_of(item: ChronicItem) -> Text:
    """Where one disease of a case stands."""
    return APPEALED if item.appealed and item.state is ItemStatus.WAITING else ITEM_STATES[item.state]
