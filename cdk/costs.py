"""What an installation costs: python -m cdk.costs --environment dev|prod, computed from its templates.

Quantities come from the templates, prices and assumptions from the two tables below. The result stands in
docs/operations.md; tests/infra/test_costs.py notices when it is stale.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOURS = 730  # in a month
MILLION = 1_000_000
GB = 10**9
PRICED = "list prices of us-east-1, written down in November 2026 and not verified since: check them"

# US dollars
PRICES = {
    "endpoint hour": 0.01,
    "balancer hour": 0.0225,
    "public address hour": 0.005,
    "vCPU hour": 0.04048,
    "GB hour": 0.004445,
    "alarm metric month": 0.10,
    "dashboard month": 3.00,
    "custom metric month": 0.30,
    "key month": 1.00,
    "API call": 3.50 / MILLION,
    "CloudFront request": 1.00 / MILLION,
    "CloudFront function": 0.10 / MILLION,
    "CloudFront GB": 0.085,
    "Lambda request": 0.20 / MILLION,
    "Lambda GB second": 0.0000166667,
    "DynamoDB read unit": 0.125 / MILLION,
    "DynamoDB write unit": 0.625 / MILLION,
    "S3 PUT": 5.00 / MILLION,
    "SQS request": 0.40 / MILLION,
    "trace": 5.00 / MILLION,
    "log GB": 0.50,
}
# of one prediction by an application with one stage, small inputs, and a key that the doors remember
ASSUMED = {
    "seconds in the gateway function": 0.05,
    "DynamoDB read units": 2,  # the application, and its one servable, consistently
    "SQS requests": 3,  # sent, and later received and deleted
    "log bytes over HTTP": 700,  # the API's line, and what Lambda writes about a call
    "log bytes over gRPC": 250,
    "answer bytes": 1_000,
    "share of calls that are traced": 0.05,
}
# of predictions that sonar records together, of one version, without metric models
RECORDED = {
    "predictions": 50,
    "seconds": 0.5,
    "read units": 4,  # the log's end, and what is watched
    "write units": 50
    + 2 * 6,  # a claim each; in a transaction, at twice the price: commit, end, segment, two batches, bulletin
    "S3 PUT": 2,  # the rows and their profile
}
# of one look at a log that grew, which hears of five such commits at once: nothing is wrong
WATCHED = {"commits": 5, "seconds": 0.1, "read units": 4, "write units": 1, "SQS requests": 5 + 2}
# of one look around, at ten versions
LOOK_AROUND = {"seconds": 0.1, "DynamoDB read units": 20, "SQS requests": 3}
# of one look after the servables: twenty of them, of which none needs anything
LOOK = {"seconds": 0.1, "DynamoDB read units": 10, "SQS requests": 3}

Templates = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Item:
    """`dollars` a month, or for a million predictions."""

    what: str
    quantity: str
    dollars: float


def idle(templates: Templates) -> list[Item]:
    """What is paid by the hour or month, whether anybody calls or not. Without servables."""
    parts = (network, tasks, looking, looking_around, watching)
    return [item for part in parts for item in part(templates) if item.dollars]


def network(templates: Templates) -> Iterator[Item]:
    found = [e for e in of(templates, "AWS::EC2::VPCEndpoint") if e.get("VpcEndpointType") == "Interface"]
    zones = sum(len(endpoint["SubnetIds"]) for endpoint in found)
    yield hourly("interface endpoints", f"{len(found)}, {zones} addresses", "endpoint hour", zones)
    balancers = of(templates, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    yield hourly("network load balancer", f"{len(balancers)}", "balancer hour", len(balancers))
    public = sum(len(b["Subnets"]) for b in balancers if b["Scheme"] == "internet-facing")
    yield hourly("its public addresses", f"{public}", "public address hour", public)


def tasks(templates: Templates) -> Iterator[Item]:
    """A service's task definition stands in the same template."""
    for template in templates.values():
        for service in of({"": template}, "AWS::ECS::Service"):
            task = template["Resources"][service["TaskDefinition"]["Ref"]]["Properties"]
            cpu, memory, count = int(task["Cpu"]) / 1024, int(task["Memory"]) / 1024, service["DesiredCount"]
            dollars = count * HOURS * (cpu * PRICES["vCPU hour"] + memory * PRICES["GB hour"])
            yield Item("gRPC gateway on Fargate", f"{count} x {cpu:g} vCPU, {memory:g} GB", dollars)


def looking(templates: Templates) -> Iterator[Item]:
    """What a rule asks of the manager every minute."""
    rules = [rule for rule in of(templates, "AWS::Events::Rule") if rule.get("ScheduleExpression") == "rate(1 minute)"]
    [function] = [f for f in of(templates, "AWS::Lambda::Function") if f["FunctionName"].endswith("-platform-events")]
    looks = len(rules) * HOURS * 60
    work = function["MemorySize"] / 1024 * LOOK["seconds"] * PRICES["Lambda GB second"] + PRICES["Lambda request"]
    asked = LOOK["DynamoDB read units"] * PRICES["DynamoDB read unit"] + LOOK["SQS requests"] * PRICES["SQS request"]
    yield Item("a look after the servables, every minute", f"{looks}", looks * (work + asked))


def looking_around(templates: Templates) -> Iterator[Item]:
    """What a rule asks of the watch over the logs every five minutes."""
    rules = [rule for rule in of(templates, "AWS::Events::Rule") if rule.get("ScheduleExpression") == "rate(5 minutes)"]
    looks = len(rules) * HOURS * 12
    dollars = looks * _run(templates, "-alert-watch", LOOK_AROUND["seconds"])
    dollars += looks * LOOK_AROUND["DynamoDB read units"] * PRICES["DynamoDB read unit"]
    dollars += looks * LOOK_AROUND["SQS requests"] * PRICES["SQS request"]
    yield Item("a look for alerts, every five minutes", f"{looks}", dollars)


def watching(templates: Templates) -> Iterator[Item]:
    alarms = of(templates, "AWS::CloudWatch::Alarm")
    metrics = sum(map(watched_metrics, alarms))
    yield monthly("alarms", f"{len(alarms)} on {metrics} metrics", "alarm metric month", metrics)
    dashboards = len(of(templates, "AWS::CloudWatch::Dashboard"))
    yield monthly("dashboard", f"{dashboards}", "dashboard month", dashboards)
    custom = sum(len(f["MetricTransformations"]) for f in of(templates, "AWS::Logs::MetricFilter"))
    yield monthly("metrics of the gRPC door", f"{custom}", "custom metric month", custom)
    keys = len(of(templates, "AWS::KMS::Key"))
    yield monthly("encryption keys", f"{keys}", "key month", keys)


def watched_metrics(alarm: Mapping[str, Any]) -> int:
    """A sum of metrics is free, its parts are not; a query counts as the one metric that it usually finds."""
    queries = alarm.get("Metrics", [])
    return max(1, sum("MetricStat" in query for query in queries))


def per_million(templates: Templates) -> dict[str, list[Item]]:
    """Door -> what a million predictions cost there, beside the servables that make them."""
    recorded = [*recording(templates), *alerting(templates)]
    return {"HTTP": [*edge(), *gateway(templates), *behind("HTTP"), *recorded], "gRPC": [*behind("gRPC"), *recorded]}


def edge() -> list[Item]:
    sent = MILLION * ASSUMED["answer bytes"] / GB * PRICES["CloudFront GB"]
    traced = MILLION * ASSUMED["share of calls that are traced"]
    return [
        Item("CloudFront", "1 request, 1 KB", MILLION * PRICES["CloudFront request"] + sent),
        Item("CloudFront function", "1 call", MILLION * PRICES["CloudFront function"]),
        Item("API Gateway", "1 call", MILLION * PRICES["API call"]),
        Item("X-Ray", f"{ASSUMED['share of calls that are traced']:.0%} traced", traced * PRICES["trace"]),
    ]


def gateway(templates: Templates) -> list[Item]:
    [function] = [f for f in of(templates, "AWS::Lambda::Function") if f["FunctionName"].endswith("-gateway")]
    memory, seconds = function["MemorySize"], ASSUMED["seconds in the gateway function"]
    dollars = MILLION * (PRICES["Lambda request"] + memory / 1024 * seconds * PRICES["Lambda GB second"])
    return [Item("Lambda: gateway", f"{memory} MB x {seconds * 1000:g} ms", dollars)]


def behind(door: str) -> list[Item]:
    reads, messages, size = (
        ASSUMED[name] for name in ("DynamoDB read units", "SQS requests", f"log bytes over {door}")
    )
    return [
        Item("DynamoDB", f"{reads} read units", MILLION * reads * PRICES["DynamoDB read unit"]),
        Item("SQS", f"{messages} requests", MILLION * messages * PRICES["SQS request"]),
        Item("CloudWatch Logs", f"{size} bytes", MILLION * size / GB * PRICES["log GB"]),
    ]


def recording(templates: Templates) -> list[Item]:
    """What sonar takes for the request log."""
    [function] = [f for f in of(templates, "AWS::Lambda::Function") if f["FunctionName"].endswith("-sonar")]
    together = RECORDED["predictions"]
    runs, memory, seconds = MILLION / together, function["MemorySize"], RECORDED["seconds"]
    work = runs * (PRICES["Lambda request"] + memory / 1024 * seconds * PRICES["Lambda GB second"])
    reads, writes, puts = (RECORDED[name] for name in ("read units", "write units", "S3 PUT"))
    table = runs * (reads * PRICES["DynamoDB read unit"] + writes * PRICES["DynamoDB write unit"])
    return [
        Item("Lambda: sonar", f"{memory} MB x {seconds * 1000:g} ms for {together}", work),
        Item("DynamoDB: request log", f"{reads} read, {writes} write units for {together}", table),
        Item("S3: request log", f"{puts} writes for {together}", runs * puts * PRICES["S3 PUT"]),
    ]


def alerting(templates: Templates) -> list[Item]:
    """What the watch over the logs takes, as long as nothing is wrong."""
    commits = WATCHED["commits"]
    looks = MILLION / RECORDED["predictions"] / commits
    reads, writes, messages = (WATCHED[name] for name in ("read units", "write units", "SQS requests"))
    table = reads * PRICES["DynamoDB read unit"] + writes * PRICES["DynamoDB write unit"]
    dollars = looks * (_run(templates, "-alert-watch", WATCHED["seconds"]) + table + messages * PRICES["SQS request"])
    return [Item("watch for alerts", f"a look for {commits} commits", dollars)]


def _run(templates: Templates, name: str, seconds: float) -> float:
    """One run of the function whose name ends so."""
    [function] = [f for f in of(templates, "AWS::Lambda::Function") if f["FunctionName"].endswith(name)]
    gigabytes = int(function["MemorySize"]) / 1024
    return PRICES["Lambda request"] + gigabytes * seconds * PRICES["Lambda GB second"]


def hourly(what: str, quantity: str, price: str, count: int) -> Item:
    return Item(what, quantity, count * HOURS * PRICES[price])


def monthly(what: str, quantity: str, price: str, count: int) -> Item:
    return Item(what, quantity, count * PRICES[price])


def of(templates: Templates, kind: str) -> list[dict[str, Any]]:
    """The properties of all resources of one type."""
    found = (r for template in templates.values() for r in template["Resources"].values() if r["Type"] == kind)
    return [resource.get("Properties", {}) for resource in found]


def report(name: str, templates: Templates) -> str:
    """The tables of one environment, in Markdown."""
    parts = [table(f"{name}, idle", "a month", idle(templates))]
    for door, items in per_million(templates).items():
        parts.append(table(f"{name}, a million predictions over {door}", "a million", items))
    return "\n\n".join(parts)


def table(title: str, unit: str, items: list[Item]) -> str:
    rows = [f"| {item.what} | {item.quantity} | {item.dollars:.2f} |" for item in items]
    total = sum(item.dollars for item in items)
    return "\n".join(
        [f"| {title} | quantity | $ {unit} |", "|---|---|---:|", *rows, f"| **total** | | **{total:.2f}** |"]
    )


def synthesised(name: str) -> Templates:
    """The templates of the environment, without layers, which cost nothing."""
    from aws_cdk import App

    from app import app as declared
    from cdk.app import compose
    from cdk.environments import environment_named
    from cdk.layering import NoLayers
    from cdk.staging import ROOT, Staging

    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    with tempfile.TemporaryDirectory() as folder:
        app = App(analytics_reporting=False, context=context, outdir=f"{folder}/out", tree_metadata=False)
        compose(app, environment_named(name), Staging(ROOT, Path(folder) / "build", NoLayers()), declared)
        app.synth()
        files = sorted(Path(folder, "out").glob("*.template.json"))
        return {file.name: json.loads(file.read_text()) for file in files}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m cdk.costs", description="What an environment costs.")
    parser.add_argument("--environment", required=True, choices=("dev", "prod"))
    name = parser.parse_args().environment
    print(f"Prices: {PRICED}.\n\n{report(name, synthesised(name))}")  # noqa: T201 - a command


if __name__ == "__main__":
    main()
