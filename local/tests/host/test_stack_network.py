"""Networks, load balancers, names, user pools, scaling."""

import pytest

from .conftest import ROLE, Cloud
from .stack import Stack, Template, att, ref, resource

pytestmark = pytest.mark.cloud


NETWORK = {
    "Vpc": resource("EC2::VPC", CidrBlock="10.0.0.0/16"),
    "Subnet": resource("EC2::Subnet", VpcId=ref("Vpc"), CidrBlock="10.0.0.0/24"),
    "Group": resource(
        "EC2::SecurityGroup",
        VpcId=ref("Vpc"),
        GroupDescription="tasks",
        SecurityGroupEgress=[{"IpProtocol": "tcp", "FromPort": "443", "ToPort": "443", "CidrIp": "0.0.0.0/0"}],
    ),
    "Ingress": resource(
        "EC2::SecurityGroupIngress",
        GroupId=att("Group", "GroupId"),
        IpProtocol="tcp",
        FromPort="9091",
        ToPort="9091",
        CidrIp="10.0.0.0/16",
    ),
}


def balancer(port: str, threshold: str) -> Template:
    return {
        **NETWORK,
        "Balancer": resource(
            "ElasticLoadBalancingV2::LoadBalancer",
            Type="network",
            Scheme="internal",
            Subnets=[ref("Subnet")],
            LoadBalancerAttributes=[{"Key": "load_balancing.cross_zone.enabled", "Value": "true"}],
        ),
        "Targets": resource(
            "ElasticLoadBalancingV2::TargetGroup",
            Protocol="TCP",
            Port="9091",
            TargetType="ip",
            VpcId=ref("Vpc"),
            HealthCheckIntervalSeconds="10",
            HealthyThresholdCount=threshold,
            TargetGroupAttributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "5"}],
        ),
        "Listener": resource(
            "ElasticLoadBalancingV2::Listener",
            LoadBalancerArn=ref("Balancer"),
            Port=port,
            Protocol="TCP",
            DefaultActions=[{"Type": "forward", "TargetGroupArn": ref("Targets")}],
        ),
    }


def test_load_balancers_and_security_groups(cloud: Cloud, stack: Stack) -> None:
    outputs = stack.deploy(
        balancer("8081", "2"), Dns=att("Balancer", "DNSName"), Full=att("Targets", "TargetGroupFullName")
    )
    ids, balancers, network = stack.ids(), cloud.client("elbv2"), cloud.client("ec2")

    assert outputs["Dns"]
    assert outputs["Full"].startswith("targetgroup/")
    assert balancers.describe_listeners(LoadBalancerArn=ids["Balancer"])["Listeners"][0]["Port"] == 8081
    group = network.describe_security_groups(GroupIds=[ids["Group"]])["SecurityGroups"][0]
    assert [rule["FromPort"] for rule in group["IpPermissions"]] == [9091]
    assert [rule.get("FromPort") for rule in group["IpPermissionsEgress"]] == [443]

    stack.deploy(balancer("8082", "4"))

    assert stack.ids()["Listener"] == ids["Listener"]
    assert balancers.describe_listeners(LoadBalancerArn=ids["Balancer"])["Listeners"][0]["Port"] == 8082
    assert (
        balancers.describe_target_groups(TargetGroupArns=[ids["Targets"]])["TargetGroups"][0]["HealthyThresholdCount"]
        == 4
    )

    stack.delete()
    assert ids["Balancer"] not in [b["LoadBalancerArn"] for b in balancers.describe_load_balancers()["LoadBalancers"]]


def test_a_private_namespace(cloud: Cloud, stack: Stack) -> None:
    resources = {
        **NETWORK,
        "Names": resource("ServiceDiscovery::PrivateDnsNamespace", Name="dewpoint.internal", Vpc=ref("Vpc")),
        "Service": resource(
            "ServiceDiscovery::Service",
            Name="gateway",
            NamespaceId=att("Names", "Id"),
            DnsConfig={"DnsRecords": [{"Type": "A", "TTL": "10"}]},
        ),
    }
    stack.deploy(resources)
    found = cloud.client("servicediscovery").get_namespace(Id=stack.ids()["Names"])["Namespace"]

    assert found["Name"] == "dewpoint.internal"
    stack.delete()


def test_user_pools_and_scaling(cloud: Cloud, stack: Stack) -> None:
    def resources(most: str) -> Template:
        return {
            "Pool": resource("Cognito::UserPool", AutoVerifiedAttributes=["email"]),
            "Client": resource("Cognito::UserPoolClient", UserPoolId=ref("Pool"), GenerateSecret="false"),
            "Target": resource(
                "ApplicationAutoScaling::ScalableTarget",
                ServiceNamespace="dynamodb",
                ResourceId="table/t",
                ScalableDimension="dynamodb:table:ReadCapacityUnits",
                MinCapacity="1",
                MaxCapacity=most,
                RoleARN=ROLE,
            ),
            "Scaling": resource(
                "ApplicationAutoScaling::ScalingPolicy",
                PolicyName="p",
                PolicyType="TargetTrackingScaling",
                ScalingTargetId=ref("Target"),
                TargetTrackingScalingPolicyConfiguration={
                    "TargetValue": "60",
                    "ScaleInCooldown": "30",
                    "PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"},
                },
            ),
        }

    stack.deploy(resources("4"))
    stack.deploy(resources("8"))
    ids, scaling = stack.ids(), cloud.client("application-autoscaling")

    assert cloud.client("cognito-idp").describe_user_pool(UserPoolId=ids["Pool"])
    assert scaling.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"][0]["MaxCapacity"] == 8
    assert scaling.describe_scaling_policies(ServiceNamespace="dynamodb")["ScalingPolicies"]
    stack.delete()
    assert not scaling.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]
