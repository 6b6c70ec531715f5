"""Application Auto Scaling."""

from typing import Any

from local_cloud.stacks.resource import Call, Resource, ResourceType, answer


def target_parts(item: Resource) -> dict[str, Any]:
    """Resource, dimension and namespace: given, or from the scalable target's id."""
    if target := item.get("ScalingTargetId"):
        resource, dimension, namespace = target.split("|")
        return {"ResourceId": resource, "ScalableDimension": dimension, "ServiceNamespace": namespace}
    return item.only("ResourceId", "ScalableDimension", "ServiceNamespace")


def policy(item: Resource) -> dict[str, Any]:
    """PutScalingPolicy, whose configurations CloudFormation names at greater length."""
    configurations = {
        "TargetTrackingScalingPolicyConfiguration": item.get("TargetTrackingScalingPolicyConfiguration"),
        "StepScalingPolicyConfiguration": item.get("StepScalingPolicyConfiguration"),
    }
    return {**item.only("PolicyName", "PolicyType"), **target_parts(item), **configurations}


PUT_TARGET = Call("register_scalable_target", lambda item: item.without("ScheduledActions"))
PUT_POLICY = Call("put_scaling_policy", policy)

TYPES = {
    "AWS::ApplicationAutoScaling::ScalableTarget": ResourceType(
        service="application-autoscaling",
        create=PUT_TARGET,
        identifier=lambda _reply, item: "|".join(target_parts(item).values()),
        update=PUT_TARGET,
        delete=Call("deregister_scalable_target", target_parts),
        create_only=("ResourceId", "ScalableDimension", "ServiceNamespace"),
    ),
    "AWS::ApplicationAutoScaling::ScalingPolicy": ResourceType(
        service="application-autoscaling",
        create=PUT_POLICY,
        identifier=answer("PolicyARN"),
        attributes={"Arn": "PolicyARN"},
        update=PUT_POLICY,
        delete=Call("delete_scaling_policy", lambda item: {**item.only("PolicyName"), **target_parts(item)}),
        create_only=("PolicyName", "ResourceId", "ScalableDimension", "ServiceNamespace", "ScalingTargetId"),
    ),
}
