"""Reading the deployment through real API calls, against moto's server in this process."""

from collections.abc import Iterator

import pytest
from moto.server import ThreadedMotoServer

from local.edge.balancer import Target
from local.edge.deployed import DeployedDistribution, DeployedTargets, client, target_group


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def test_the_distribution_is_the_enabled_one(endpoint: str) -> None:
    reader = DeployedDistribution(endpoint)
    assert reader.read() is None
    behaviour = {
        "TargetOriginId": "api",
        "ViewerProtocolPolicy": "allow-all",
        "AllowedMethods": {"Quantity": 2, "Items": ["GET", "POST"]},
        "ForwardedValues": {"QueryString": True, "Cookies": {"Forward": "none"}},
    }
    origin = {
        "Id": "api",
        "DomainName": "abc.execute-api.us-east-1.amazonaws.com",
        "OriginPath": "/local",
        "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"},
    }
    config = {
        "CallerReference": "r",
        "Comment": "",
        "Enabled": True,
        "DefaultRootObject": "index.html",
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": behaviour,
    }
    created = client("cloudfront", endpoint).create_distribution(DistributionConfig=config)["Distribution"]
    distribution = reader.read()
    assert distribution is not None
    assert distribution.id == created["Id"]
    assert distribution.root_object == "index.html"
    assert distribution.default.origin.path == "/local"
    assert distribution.default.methods == {"GET", "POST"}
    client("cloudfront", endpoint).delete_distribution(Id=created["Id"], IfMatch="x")
    assert reader.read() is None
    config["CallerReference"] = "s"
    again = client("cloudfront", endpoint).create_distribution(DistributionConfig=config)["Distribution"]
    replaced = reader.read()
    assert replaced is not None
    assert replaced.id == again["Id"] != created["Id"]


def test_targets_are_those_registered_behind_the_network_balancer(endpoint: str) -> None:
    reader = DeployedTargets(endpoint)
    assert reader.read() == ()
    ec2, elbv2 = client("ec2", endpoint), client("elbv2", endpoint)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    balancer = elbv2.create_load_balancer(Name="n", Type="network", Subnets=[subnet])["LoadBalancers"][0]
    group = elbv2.create_target_group(Name="g", Protocol="TCP", Port=9091, VpcId=vpc, TargetType="ip")["TargetGroups"][
        0
    ]
    elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="TCP",
        Port=443,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}],
    )
    assert reader.read() == ()
    registered = [{"Id": "127.3.0.2", "Port": 9091}, {"Id": "127.3.0.1", "Port": 9091}]
    elbv2.register_targets(TargetGroupArn=group["TargetGroupArn"], Targets=registered)
    assert reader.read() == (Target("127.3.0.1", 9091), Target("127.3.0.2", 9091))
    elbv2.deregister_targets(TargetGroupArn=group["TargetGroupArn"], Targets=registered[:1])
    assert reader.read() == (Target("127.3.0.1", 9091),)


def test_a_listener_names_its_group_in_either_spelling() -> None:
    assert target_group({"DefaultActions": [{"TargetGroupArn": "a"}]}) == "a"
    assert target_group({"DefaultActions": [{"ForwardConfig": {"TargetGroups": [{"TargetGroupArn": "b"}]}}]}) == "b"
    assert target_group({"DefaultActions": [{"Type": "fixed-response"}]}) is None
