"""Parts of EC2 networks: rules of security groups, flow logs, addresses."""

from typing import Any

from local_cloud.stacks.resource import Call, Resource, ResourceType, answer

PEERS = {
    "SourceSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
    "DestinationSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
    "CidrIp": ("IpRanges", "CidrIp"),
    "CidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
    "SourcePrefixListId": ("PrefixListIds", "PrefixListId"),
    "DestinationPrefixListId": ("PrefixListIds", "PrefixListId"),
}


def rule(item: Resource) -> dict[str, Any]:
    """A single rule as the list of permissions that EC2 takes."""
    peers = {
        where: [{key: item[name], **item.only("Description")}] for name, (where, key) in PEERS.items() if item.get(name)
    }
    permission = {**item.only("IpProtocol", "FromPort", "ToPort"), **peers}
    return {"GroupId": item["GroupId"], "IpPermissions": [permission]}


def rule_type(direction: str) -> ResourceType:
    """The type of rules of one direction; any change replaces the rule."""
    properties = ("GroupId", "IpProtocol", "FromPort", "ToPort", "Description", *PEERS)
    return ResourceType(
        service="ec2",
        create=Call(f"authorize_security_group_{direction}", rule),
        identifier=answer("SecurityGroupRules.0.SecurityGroupRuleId"),
        attributes={"Id": "SecurityGroupRules.0.SecurityGroupRuleId"},
        delete=Call(f"revoke_security_group_{direction}", rule),
        create_only=properties,
        gone=("InvalidPermission.NotFound", "InvalidGroup.NotFound"),
    )


def flow_log(item: Resource) -> dict[str, Any]:
    """One resource where the API takes many."""
    return {**item.without("ResourceId", "Tags"), "ResourceIds": [item["ResourceId"]]}


TYPES = {
    "AWS::EC2::SecurityGroupIngress": rule_type("ingress"),
    "AWS::EC2::SecurityGroupEgress": rule_type("egress"),
    "AWS::EC2::FlowLog": ResourceType(
        service="ec2",
        create=Call("create_flow_logs", flow_log),
        identifier=answer("FlowLogIds.0"),
        attributes={"Id": "FlowLogIds.0"},
        delete=Call("delete_flow_logs", lambda item: {"FlowLogIds": [item.id]}),
        create_only=("ResourceId",),
    ),
    "AWS::EC2::EIP": ResourceType(
        service="ec2",
        create=Call("allocate_address", lambda item: item.only("Domain")),
        identifier=answer("PublicIp"),
        attributes={"AllocationId": "AllocationId", "PublicIp": "PublicIp"},
        delete=Call("release_address", lambda item: {"AllocationId": item["AllocationId"]}),
    ),
}
