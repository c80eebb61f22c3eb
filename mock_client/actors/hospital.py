"""A hospital's own system, which reports finished visits by itself."""

from collections.abc import Mapping, Sequence
from typing import Any

from mock_client.actors.base import Actor
from mock_client.api.offers import VisitsTakenAnswer
from mock_client.device import Phone
from mock_client.journal import Scenario
from mock_client.people import Terminal


class HospitalSystem(Actor):
    """Signs in with its own secret; what it reports is about its own institution only."""

    role = "医院信息系统"

    def __init__(self, story: Scenario, terminal: Terminal, phone: Phone) -> None:
        super().__init__(story, "", phone)
        self.terminal = terminal

    def sign_in(self) -> None:
        """With its id and secret."""
        with self.step(f"{self.terminal.institution}的系统登录") as step:
            tokens = self.api.sign_in_as_terminal(self.terminal.client_id, self.terminal.client_secret)
            self.phone.remember(tokens)
            step.saw("已登录")

    def report(self, visits: Sequence[Mapping[str, Any]], did: str) -> VisitsTakenAnswer:
        """Report finished visits."""
        with self.step(did) as step:
            taken = self.api.report_visits(visits)
            step.saw(f"新收 {taken['taken']} 条，已有 {taken['known']} 条，有误 {len(taken['bad'])} 条")
            for row in taken["bad"]:
                for problem in row["problems"]:
                    step.saw(f"第 {row['position'] + 1} 条 {problem['field']}：{problem['text']}")
            return taken
