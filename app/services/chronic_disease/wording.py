"""Words for people about chronic-disease cases."""

from app.kit.text import Text
from app.services.chronic_disease.models import ItemStatus

ITEM_STATES = {
    ItemStatus.WAITING: Text("等待鉴定", "Waiting"),
    ItemStatus.CERTIFIED: Text("专家已认定，等待复核", "Certified, to be reviewed"),
    ItemStatus.REFUSED: Text("未予认定", "Not certified"),
    ItemStatus.APPROVED: Text("已认定", "Granted"),
    ItemStatus.REJECTED: Text("不予办理", "Not granted"),
    ItemStatus.WITHDRAWN: Text("已撤回", "Withdrawn"),
}
