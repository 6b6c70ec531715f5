"""Load balancers, target groups, listeners."""

from typing import Any

from local_cloud.stacks.resource import Call, Named, Resource, ResourceType, answer


def full_name(item: Resource, marker: str) -> str:
    """The part of an ARN that CloudWatch uses as dimension."""
    return item.id.partition(marker)[2]


def balancer_names(item: Resource) -> dict[str, Any]:
    """Attributes that the API does not answer."""
    return {
        "LoadBalancerArn": item.id,
        "LoadBalancerName": item["Name"],
        "LoadBalancerFullName": full_name(item, ":loadbalancer/"),
    }


def group_names(item: Resource) -> dict[str, Any]:
    """Attributes that the API does not answer."""
    return {
        "TargetGroupArn": item.id,
        "TargetGroupName": item["Name"],
        "TargetGroupFullName": item.id.rpartition(":")[2],
    }


TYPES = {
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ResourceType(
        service="elbv2",
        create=Call("create_load_balancer"),
        identifier=answer("LoadBalancers.0.LoadBalancerArn"),
        attributes={
            "DNSName": "LoadBalancers.0.DNSName",
            "CanonicalHostedZoneID": "LoadBalancers.0.CanonicalHostedZoneId",
            "SecurityGroups": "LoadBalancers.0.SecurityGroups",
        },
        derived=balancer_names,
        update=Call("set_subnets", lambda item: {"LoadBalancerArn": item.id, **item.only("Subnets", "SubnetMappings")}),
        follow_up=(
            Call(
                "modify_load_balancer_attributes",
                lambda item: {"LoadBalancerArn": item.id, "Attributes": item["LoadBalancerAttributes"]},
                when="LoadBalancerAttributes",
            ),
        ),
        delete=Call("delete_load_balancer", lambda item: {"LoadBalancerArn": item.id}),
        named=Named("Name", limit=32),
        create_only=("Name", "Scheme", "Type"),
    ),
    "AWS::ElasticLoadBalancingV2::TargetGroup": ResourceType(
        service="elbv2",
        create=Call("create_target_group"),
        identifier=answer("TargetGroups.0.TargetGroupArn"),
        derived=group_names,
        update=Call("modify_target_group", lambda item: {**item.properties, "TargetGroupArn": item.id}),
        follow_up=(
            Call(
                "modify_target_group_attributes",
                lambda item: {"TargetGroupArn": item.id, "Attributes": item["TargetGroupAttributes"]},
                when="TargetGroupAttributes",
            ),
            Call(
                "register_targets",
                lambda item: {"TargetGroupArn": item.id, "Targets": item["Targets"]},
                when="Targets",
            ),
        ),
        delete=Call("delete_target_group", lambda item: {"TargetGroupArn": item.id}),
        named=Named("Name", limit=32),
        create_only=("Name", "Port", "Protocol", "ProtocolVersion", "TargetType", "VpcId", "IpAddressType"),
    ),
    "AWS::ElasticLoadBalancingV2::Listener": ResourceType(
        service="elbv2",
        create=Call("create_listener"),
        identifier=answer("Listeners.0.ListenerArn"),
        attributes={"ListenerArn": "Listeners.0.ListenerArn"},
        update=Call("modify_listener", lambda item: {**item.properties, "ListenerArn": item.id}),
        delete=Call("delete_listener", lambda item: {"ListenerArn": item.id}),
        create_only=("LoadBalancerArn",),
    ),
    "AWS::ElasticLoadBalancingV2::ListenerRule": ResourceType(
        service="elbv2",
        create=Call("create_rule"),
        identifier=answer("Rules.0.RuleArn"),
        attributes={"RuleArn": "Rules.0.RuleArn"},
        update=Call("modify_rule", lambda item: {"RuleArn": item.id, **item.only("Actions", "Conditions")}),
        delete=Call("delete_rule", lambda item: {"RuleArn": item.id}),
        create_only=("ListenerArn",),
    ),
}
