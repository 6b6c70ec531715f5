"""EventBridge rules; the community edition's cannot be changed, and cannot be deleted from a bus of one's own."""

from typing import Any

from local_cloud.stacks.resource import Call, Named, Resource, ResourceType

TARGETS = "Targets"


def bus(item: Resource) -> dict[str, Any]:
    """The bus of a rule, where it is not the default one."""
    return item.only("EventBusName")


def target_ids(targets: list[dict[str, Any]]) -> list[str]:
    """The names of targets within their rule."""
    return [target["Id"] for target in targets]


def dropped(item: Resource) -> list[str]:
    """The targets that the template no longer has."""
    now = target_ids(item.get(TARGETS, []))
    return [name for name in target_ids(item.previous.get(TARGETS, [])) if name not in now]


def physical_id(_reply: Any, item: Resource) -> str:
    """The name, after the bus where there is one."""
    return "|".join([*bus(item).values(), item["Name"]])


PUT_RULE = Call("put_rule", lambda item: item.without(TARGETS))

TYPES = {
    "AWS::Events::Rule": ResourceType(
        service="events",
        create=PUT_RULE,
        identifier=physical_id,
        attributes={"Arn": "RuleArn"},
        update=PUT_RULE,
        follow_up=(
            Call(
                "remove_targets",
                lambda item: {"Rule": item["Name"], "Ids": dropped(item), **bus(item)},
                when=lambda item: bool(dropped(item)),
            ),
            Call(
                "put_targets",
                lambda item: {"Rule": item["Name"], "Targets": item[TARGETS], **bus(item)},
                when=TARGETS,
            ),
        ),
        before_delete=(
            Call(
                "remove_targets",
                lambda item: {"Rule": item["Name"], "Ids": target_ids(item[TARGETS]), **bus(item)},
                when=TARGETS,
            ),
        ),
        delete=Call("delete_rule", lambda item: {"Name": item["Name"], **bus(item)}),
        named=Named("Name", limit=64),
        create_only=("Name", "EventBusName"),
    ),
}
