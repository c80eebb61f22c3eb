"""The doctor of a pool who was drawn for a case: looks at the papers, ticks the criteria, certifies or refuses."""

from collections.abc import Mapping

from mock_client.actors.base import patiently
from mock_client.actors.staff import Handler
from mock_client.actors.telling import tell_checklist, tell_filing
from mock_client.answers import JsonValue
from mock_client.api.chronic import ItemAnswer
from mock_client.api.filings import FilingAnswer
from mock_client.checks import must, must_be, the_one


def findings(item: ItemAnswer, met: Mapping[str, str], otherwise: str) -> list[JsonValue]:
    """Every criterion of a disease: those in ``met`` (criterion → where it is seen), the others not met, with the
    words ``otherwise``."""
    return [
        {"criterion": one["id"], "met": one["id"] in met, "note": met.get(one["id"], otherwise)}
        for one in item["criteria"]
    ]


class Expert(Handler):
    """An expert. Which cases are the expert's the lot decides, so nothing is claimed."""

    role = "鉴定专家"

    def sign_in_quietly(self) -> None:
        """With user name and password unless signed in; no step of the story."""
        if not self.phone.tokens.access:
            self._keep(
                patiently(lambda: self.api.sign_in_as_staff(self.reviewer.username, self.reviewer.password))
            )

    def open_checklist(self, filing_id: str, disease_code: str) -> ItemAnswer:
        """What is to be ticked for one disease, which must wait for this expert."""
        with self.step("打开鉴定清单") as step:
            items = self.api.get_chronic_case(filing_id)["items"]
            item = the_one(disease_code, items, lambda one: one["disease_code"] == disease_code)
            tell_checklist(step, item)
            must(item["yours"], "这个病种应当由这位专家鉴定")
            return item

    def certify(self, filing_id: str, item: ItemAnswer, met: Mapping[str, str]) -> FilingAnswer:
        """Tick what is met, say where it is seen, certify and sign."""
        with self.step(f"逐条勾选，认定“{item['disease_name']}”，电子签名") as step:
            done = self._decide(filing_id, "certify", item, findings(item, met, ""))
            tell_filing(step, done)
            return done

    def refuse(
        self,
        filing_id: str,
        item: ItemAnswer,
        reason: str,
        met: Mapping[str, str] | None = None,
        *,
        otherwise: str = "所交材料看不出",
    ) -> FilingAnswer:
        """Tick what is met, say of the rest why it is not, refuse and sign."""
        with self.step(f"逐条勾选，不予认定“{item['disease_name']}”，写明理由") as step:
            ticks = findings(item, met or {}, otherwise)
            done = self._decide(filing_id, "refuse", item, ticks, reason)
            tell_filing(step, done)
            return done

    def examine(self, filing: FilingAnswer, disease_code: str) -> ItemAnswer:
        """Sign in, find the case among one's own, look at its papers, and open the checklist."""
        self.sign_in()
        self.find_in_queue(filing)
        seen = self.api.get_filing(filing["id"])
        must_be("专家看到的办件", seen["number"], filing["number"])
        # An application that visits prove (免申即享) comes without photographs.
        if seen["papers"]:
            self.look_at_papers(seen)
        return self.open_checklist(filing["id"], disease_code)

    def _decide(
        self,
        filing_id: str,
        action: str,
        item: ItemAnswer,
        ticks: list[JsonValue],
        reason: str | None = None,
    ) -> FilingAnswer:
        version = self.api.get_filing(filing_id)["version"]
        data: dict[str, JsonValue] = {"disease_code": item["disease_code"], "findings": ticks}
        return self.api.act_on_filing(filing_id, action, version, reason=reason, data=data)
