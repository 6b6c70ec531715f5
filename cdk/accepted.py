"""Findings of cdk-nag (AWS Solutions) that stay, each with its reason, declared beside the resource that it is about.

They are kept as metadata of our own and not as cdk-nag's acknowledgements: those hide a finding before anybody can see
whether the acknowledgement still has one to hide. tests/infra/test_nag.py fails on a finding that nobody accepted, and
on an acceptance that nothing needs any more.
"""

from constructs import IConstruct

PACK = "AwsSolutions"
METADATA = "dewpoint:accepted"
ANYTHING = "…"  # in a rule: any text, for names that CloudFormation makes


def accept(construct: IConstruct, reason: str, *rules: str) -> None:
    """Accepts what `rules` ("S1", "IAM5[Resource::…/claims/*]") say about `construct` and everything in it."""
    construct.node.add_metadata(METADATA, {"reason": reason, "rules": [f"{PACK}-{rule}" for rule in rules]})
