"""The rules by which WeChat refuses things, written down from its public documentation.

Sources: 全局返回码; 小程序登录 code2Session; 获取稳定版接口调用凭据; 获取手机号; 微信人脸核身 getVerifyId
and queryVerifyInfo; 发送订阅消息 (订阅消息参数值内容限制说明); 获取不限制的小程序码; 多媒体内容安全识别.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping

ERRMSG: Mapping[int, str] = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40013: "invalid appid",
    40029: "invalid code",
    40037: "invalid template_id",
    40066: "invalid url",
    40097: "invalid args",
    40125: "invalid appsecret",
    40163: "code been used",
    40164: "invalid ip, not in whitelist",
    40169: "invalid length for scene, or the data is not json string",
    40226: "code blocked",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41008: "missing code",
    41030: "invalid page",
    42001: "access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    43101: "user refuse to accept the msg",
    44002: "empty post data",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    47001: "data format error",
    47003: "argument invalid!",
    48001: "api unauthorized",
    48004: "api forbidden for irregularities",
    50002: "user limited",
    84001: "invalid identify id",
}

VERIFY_RET: Mapping[int, str] = {
    10000: "识别成功",
    10001: "参数错误",
    10002: "人脸特征检测失败",
    10003: "身份证号不匹配",
    10004: "比对人脸信息不匹配",
    10005: "正在检测中",
    10300: "未完成核身",
    90001: "设备不支持人脸检测",
    90002: "用户取消",
    90003: "用户取消",
    90004: "用户取消",
    90005: "用户取消",
    90006: "用户取消",
    90007: "网络错误",
    90008: "相机权限未授权",
    90009: "麦克风权限未授权",
    90010: "相机和麦克风权限都未授权",
    90011: "人脸数据采集无效",
    90012: "网络错误上传失败",
    90013: "人脸数据采集无效",
    90014: "人脸数据采集无效",
    90017: "识别过程超时",
    90018: "系统错误",
    90104: "获取人脸配置失败",
    90105: "获取确认数据失败",
    90106: "相机失败",
    90107: "用户检测超时",
    90109: "设备不支持人脸检测",
    90110: "获取协议信息失败",
    90199: "用户系统错误",
}
"""The results of queryVerifyInfo: 100xx of the comparison, 900xx of the phone."""


class Refusal(Exception):  # noqa: N818 - WeChat answers it, nothing went wrong here
    """WeChat's way to say no: HTTP 200 with an errcode."""

    def __init__(self, errcode: int, errmsg: str | None = None) -> None:
        super().__init__(errcode, errmsg)
        self.errcode = errcode
        self.errmsg = errmsg or ERRMSG.get(errcode, "system error")


def cert_hash(cert_type: str, cert_name: str, cert_no: str) -> str:
    """Lower-case hex SHA-256 of ``cert_type=B64&cert_name=B64&cert_no=B64`` (queryVerifyInfo, 注意事项)."""
    encoded = (base64.b64encode(text.encode()).decode() for text in (cert_type, cert_name, cert_no))
    joined = "&".join(f"{name}={value}" for name, value in zip(_CERT_FIELDS, encoded, strict=True))
    return hashlib.sha256(joined.encode()).hexdigest()


_CERT_FIELDS = ("cert_type", "cert_name", "cert_no")

OUT_SEQ_NO = re.compile(r"[0-9A-Za-z_-]{5,32}")
OPENID = re.compile(r"[0-9A-Za-z_-]{1,64}")
CERT_NO = re.compile(r"\d{17}[\dX]")
SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")
PAGE = re.compile(r"[0-9A-Za-z_-]+(/[0-9A-Za-z_-]+)*")

_HAN = r"[\u3400-\u4dbf\u4e00-\u9fff〇·]"
_CLOCK = r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?"
_DATE = (
    r"(\d{4}年\d{1,2}月\d{1,2}日|\d{4}年\d{1,2}月|\d{1,2}月\d{1,2}日"
    r"|\d{4}(?P<sep>[-/.])\d{1,2}(?P=sep)\d{1,2}|\d{4}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2})"
)


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda value: compiled.fullmatch(value) is not None


def _period(pattern: str) -> Callable[[str], bool]:
    """One moment, or two with ~ between them."""
    one = _matches(pattern)
    return lambda value: value.count("~") <= 1 and all(one(part.strip()) for part in value.split("~"))


def _name(value: str) -> bool:
    """Ten characters as soon as one is Chinese, twenty letters or symbols otherwise; no digits."""
    if re.search(r"\d|[\x00-\x1f]", value):
        return False
    return len(value) <= (10 if re.search(_HAN, value) else 20)


VALUE_RULES: Mapping[str, Callable[[str], bool]] = {
    "thing": _matches(r"[^\x00-\x1f\x7f]{1,20}"),
    "number": lambda value: len(value) <= 32 and _matches(r"-?\d+(\.\d+)?")(value),
    "letter": _matches(r"[A-Za-z]{1,32}"),
    "symbol": _matches(r"[^\w\s]{1,5}"),
    "character_string": _matches(r"[\x20-\x7e]{1,32}"),
    "time": _period(rf"({_DATE}\s*)?{_CLOCK}"),
    "date": _period(rf"{_DATE}(\s*{_CLOCK})?"),
    "amount": _matches(r"[¥￥$€£]?\d{1,10}(\.\d+)?元?"),
    "phone_number": _matches(r"[\d+\-() ]{1,17}"),
    "car_number": _matches(rf"({_HAN}|[A-Z0-9])[A-Z0-9]{{0,6}}({_HAN}|[A-Z0-9])?"),
    "name": _name,
    "phrase": _matches(rf"{_HAN}{{1,5}}"),
    "enum": _matches(r"[^\x00-\x1f\x7f]{1,20}"),
}
"""Kind of template parameter → whether a value fits. The kind is the parameter's name without its number."""

_PARAMETER = re.compile(r"([a-z_]+?)\d{1,3}")
_PLACEHOLDER = re.compile(r"\{\{(\w+)\.DATA\}\}")


def check_value(key: str, value: str) -> None:
    """Refuse with 47003, naming the parameter as WeChat does, when ``value`` does not fit ``key``'s kind."""
    if not value:
        # The misspelling is WeChat's own.
        raise Refusal(47003, f"argument invalid! data.{key}.value is emtpy")
    parameter = _PARAMETER.fullmatch(key)
    rule = VALUE_RULES.get(parameter[1]) if parameter else None
    if rule is None or not rule(value):
        raise Refusal(47003, f"argument invalid! data.{key}.value invalid")


def check_data(data: Mapping[str, str], content: str | None) -> None:
    """Check all values, and that every placeholder ``{{thing1.DATA}}`` of the template's content has one."""
    for key in _PLACEHOLDER.findall(content or ""):
        check_value(key, data.get(key, ""))
    for key, value in data.items():
        check_value(key, value)


def render(content: str | None, data: Mapping[str, str]) -> str:
    """The message as the phone shows it; without a registered content the values, one a line."""
    if content is None:
        return "\n".join(data.values())
    return _PLACEHOLDER.sub(lambda match: data.get(match[1], ""), content)
