"""A workflow drawn as a Mermaid state diagram, for the documentation."""

from app.workflow.table import Party, Workflow

_MARK = {
    Party.APPLICANT: "申请人",
    Party.REVIEWER: "经办",
    Party.ASSIGNEE: "被抽中的专家",
    Party.SYSTEM: "系统",
}


def mermaid(workflow: Workflow) -> str:
    """The table as text that GitHub draws."""
    lines = ["stateDiagram-v2", "    [*] --> draft"]
    for transition in workflow.transitions:
        who = "/".join(_MARK[party] for party in sorted(transition.by))
        lines.extend(
            f"    {source} --> {transition.target}: {transition.action} ({who})"
            for source in sorted(transition.sources)
        )
    lines.extend(
        f"    {status} --> [*]" for status in sorted(workflow.states) if not workflow.is_open(status)
    )
    return "\n".join(lines) + "\n"
