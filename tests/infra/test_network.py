import pytest

from tests.infra.synth import EVERYWHERE, Environments, Template, resources


def group(template: Template, name: str) -> str:
    [found] = [logical for logical in resources(template, "AWS::EC2::SecurityGroup") if logical.startswith(name)]
    return found


def test_only_the_gateways_may_call_servables_and_only_to_predict(stacks: dict[str, Template]) -> None:
    network = stacks["network"]
    servables, gateway = group(network, "Servables"), group(network, "Gateway")
    rules = [
        rule
        for rule in resources(network, "AWS::EC2::SecurityGroupIngress").values()
        if rule["GroupId"] == {"Fn::GetAtt": [servables, "GroupId"]}
    ]
    assert [rule["SourceSecurityGroupId"] for rule in rules] == [{"Fn::GetAtt": [gateway, "GroupId"]}]
    assert [(rule["FromPort"], rule["ToPort"]) for rule in rules] == [(9091, 9091)]
    assert "SecurityGroupIngress" not in resources(network, "AWS::EC2::SecurityGroup")[servables]


def test_nothing_inside_has_a_way_out(stacks: dict[str, Template]) -> None:
    assert resources(stacks["network"], "AWS::EC2::NatGateway") == {}
    routes = resources(stacks["network"], "AWS::EC2::Route")
    assert all("inside" not in name for name in routes)


def test_gateway_endpoints_serve_this_account_only(stacks: dict[str, Template]) -> None:
    for endpoint in resources(stacks["network"], "AWS::EC2::VPCEndpoint").values():
        if endpoint["VpcEndpointType"] != "Gateway":
            continue
        for statement in endpoint["PolicyDocument"]["Statement"]:
            narrowed = statement["Action"] == "s3:GetObject" and "starport-layer-bucket" in str(statement["Resource"])
            assert narrowed or statement["Condition"] == {
                "StringEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}
            }


@pytest.mark.parametrize("environment", EVERYWHERE)
def test_the_balancer_is_public_only_with_tls(environments: Environments, environment: str) -> None:
    grpc = environments[environment]["grpc"]
    [balancer] = resources(grpc, "AWS::ElasticLoadBalancingV2::LoadBalancer").values()
    [listener] = resources(grpc, "AWS::ElasticLoadBalancingV2::Listener").values()
    shown = (balancer["Scheme"], listener["Protocol"], listener["Port"], listener.get("AlpnPolicy"))
    if environment == "public":
        assert shown == ("internet-facing", "TLS", 443, ["HTTP2Only"])
    else:
        assert shown == ("internal", "TCP", 9090, None)


def test_the_gateway_in_lambda_runs_where_servables_can_be_reached(stacks: dict[str, Template]) -> None:
    placed = {
        f["FunctionName"].split("-", 2)[2]
        for f in resources(stacks["api"], "AWS::Lambda::Function").values()
        if "VpcConfig" in f
    }
    assert placed == {"gateway"}


def test_the_grpc_gateway_is_never_taken_away_while_it_is_replaced(stacks: dict[str, Template]) -> None:
    [service] = resources(stacks["grpc"], "AWS::ECS::Service").values()
    assert service["DeploymentConfiguration"]["MinimumHealthyPercent"] == 100
    assert service["NetworkConfiguration"]["AwsvpcConfiguration"]["AssignPublicIp"] == "DISABLED"
    [task] = resources(stacks["grpc"], "AWS::ECS::TaskDefinition").values()
    [container] = task["ContainerDefinitions"]
    assert container["HealthCheck"]["Command"] == ["CMD", "python", "-m", "functions.gateway.probe"]
    assert container["ReadonlyRootFilesystem"] is True
    assert container["StopTimeout"] >= 30
