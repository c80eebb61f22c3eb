"""Those who review: the agency's handlers and supervisors, and the desks of hospitals that refer."""

from collections.abc import Mapping, Sequence
from io import BytesIO

from PIL import Image

from mock_client.actors.base import Actor, patiently
from mock_client.actors.telling import paper_names, tell_filing, tell_me
from mock_client.answers import JsonValue
from mock_client.api.filings import FilingAnswer, FilingSummaryAnswer
from mock_client.api.identity import MeAnswer
from mock_client.checks import NotAsItMustBe, must
from mock_client.device import Phone
from mock_client.journal import Scenario
from mock_client.people import Reviewer

Item = Mapping[str, str | None]


def rejecting(rejected: Mapping[str, str]) -> dict[str, JsonValue]:
    """What an approval takes that leaves these diseases out: code → why."""
    return {"rejected": [{"disease_code": code, "reason": why} for code, why in rejected.items()]}


class Handler(Actor):
    """A handler of an agency."""

    role = "经办员"

    def __init__(self, story: Scenario, reviewer: Reviewer, phone: Phone) -> None:
        super().__init__(story, reviewer.name, phone)
        self.reviewer = reviewer

    def sign_in(self) -> MeAnswer:
        """With user name and password; whoever is signed in already just opens the desk."""
        if self.phone.tokens.access:
            with self.step("打开工作台") as step:
                me = self.api.get_me()
                tell_me(step, me)
                return me
        with self.step("用户名密码登录工作台") as step:
            me = self._keep(
                patiently(lambda: self.api.sign_in_as_staff(self.reviewer.username, self.reviewer.password))
            )
            tell_me(step, me)
            return me

    def find_in_queue(self, filing: FilingAnswer) -> FilingSummaryAnswer:
        """Look through the queue, the most urgent first, until the case comes."""
        with self.step("查看待办队列") as step:
            found = self.in_queue(filing["id"])
            if found is None:
                raise NotAsItMustBe(f"办件 {filing['number']} 不在 {self.reviewer.organisation} 的队列里")
            step.saw(
                f"{found['number']} {found['service_name']}，{found['subject_name']}，{found['status_text']}"
            )
            if found["due_at"]:
                step.saw(f"办理期限 {found['due_at'][:10]}")
            return found

    def in_queue(self, filing_id: str) -> FilingSummaryAnswer | None:
        """The case as it lies in this desk's queues, or None."""
        cursor = None
        while True:
            page = self.api.list_filings(scope="queue", cursor=cursor, limit=50)
            for item in page["items"]:
                if item["id"] == filing_id:
                    return item
            cursor = page["next_cursor"]
            if cursor is None:
                return None

    def claim(self, filing: FilingAnswer | FilingSummaryAnswer) -> FilingAnswer:
        """Take the case."""
        with self.step("领取办件") as step:
            done = self.api.act_on_filing(filing["id"], "claim", filing["version"])
            must(done["claimed"], "领取后办件应当有人负责")
            tell_filing(step, done)
            return done

    def release(self, filing: FilingAnswer) -> FilingAnswer:
        """Give the case back to its queue."""
        with self.step("退回队列") as step:
            done = self.api.act_on_filing(filing["id"], "release", filing["version"])
            must(not done["claimed"], "退回后办件不应再挂在个人名下")
            tell_filing(step, done)
            return done

    def look_at_papers(self, filing: FilingAnswer) -> None:
        """Open each paper's photograph."""
        with self.step(f"查看材料：{paper_names(paper['kind'] for paper in filing['papers'])}") as step:
            must(filing["papers"], "这件办件没有任何材料")
            for paper in filing["papers"]:
                photograph = self.api.get_material_content(paper["material_id"]).content
                with Image.open(BytesIO(photograph)) as picture:
                    step.saw(f"{paper['kind_name']}：{picture.width}×{picture.height}")
                step.attach(f"{paper['kind']}.jpg", photograph)

    def ask_for(self, filing: FilingAnswer, items: Sequence[Item], reason: str) -> FilingAnswer:
        """The one-time notice: everything that is missing, at once."""
        with self.step(f"一次性告知补正：{reason}") as step:
            done = self.api.act_on_filing(
                filing["id"], "request_correction", filing["version"], reason=reason, items=items
            )
            tell_filing(step, done)
            return done

    def approve(self, filing: FilingAnswer) -> FilingAnswer:
        """Grant it."""
        with self.step("审核通过") as step:
            done = self.api.act_on_filing(filing["id"], "approve", filing["version"])
            tell_filing(step, done)
            return done

    def approve_but(self, filing: FilingAnswer, rejected: Mapping[str, str]) -> FilingAnswer:
        """Grant all diseases but these: code → why not."""
        with self.step(f"逐个病种审核：{len(rejected)} 个不予核准，写明理由，其余通过") as step:
            data = rejecting(rejected)
            done = self.api.act_on_filing(filing["id"], "approve", filing["version"], data=data)
            tell_filing(step, done)
            return done

    def reject(self, filing: FilingAnswer, reason: str) -> FilingAnswer:
        """Do not grant it, and say why."""
        with self.step("不予办理，写明理由") as step:
            done = self.api.act_on_filing(filing["id"], "reject", filing["version"], reason=reason)
            tell_filing(step, done)
            return done


class HospitalDesk(Handler):
    """The insurance desk of a hospital that refers."""

    role = "医院医保办"


class Supervisor(Handler):
    """Who watches over an agency's handlers, and has what is overdue."""

    role = "经办负责人"
