"""Composes the platform for one environment: cdk deploy --all -c environment=local|dev|prod."""

from aws_cdk import App, Tags
from chalice.app import Chalice

from app import app as declared
from cdk.environments import Environment, environment_named
from cdk.layering import LayerBuilder, NoLayers, UvLayers
from cdk.stacks.alerts import Alerts
from cdk.stacks.api import Api
from cdk.stacks.dashboard import Dashboard
from cdk.stacks.data import Data
from cdk.stacks.edge import Edge
from cdk.stacks.events import Events
from cdk.stacks.grpc_gateway import GrpcGateway
from cdk.stacks.network import Network
from cdk.stacks.serving import Serving
from cdk.stacks.workers import Workers
from cdk.staging import ROOT, Staging


def compose(app: App, environment: Environment, staging: Staging, routes: Chalice) -> None:
    """Adds the stacks of `environment` to `app`; `routes` says which methods the API has."""
    network = Network(app, "network", environment=environment)
    data = Data(app, "data", environment=environment)
    alerts = Alerts(app, "alerts", environment=environment, staging=staging, data=data)
    serving = Serving(app, "serving", environment=environment, staging=staging, network=network, data=data)
    events = Events(
        app, "events", environment=environment, staging=staging, network=network, data=data, serving=serving
    )
    workers = Workers(
        app,
        "workers",
        environment=environment,
        staging=staging,
        network=network,
        data=data,
        events=events.queue,
        alerts=alerts,
    )
    queues = workers.queues
    api = Api(
        app,
        "api",
        environment=environment,
        staging=staging,
        app=routes,
        network=network,
        data=data,
        serving=serving,
        queues=queues,
        training=workers.training,
        alerts=alerts,
    )
    GrpcGateway(app, "grpc", environment=environment, staging=staging, network=network, data=data, queues=queues)
    Edge(app, "edge", environment=environment, api=api)
    watched = (data, alerts, workers, serving, events, api)
    Dashboard(app, "dashboard", environment=environment, data=data, watched=watched)
    Tags.of(app).add("dewpoint:environment", environment.name)


def layer_builder(app: App, environment: Environment) -> LayerBuilder:
    """The real layers, or with `-c layers=skip` empty ones, to look at templates without a network."""
    if app.node.try_get_context("layers") == "skip":
        return NoLayers()
    return UvLayers(environment.functions_python, environment.functions_platform)


def main() -> None:
    app = App(analytics_reporting=False)
    environment = environment_named(app.node.try_get_context("environment"))
    staging = Staging(ROOT, ROOT / "build", layer_builder(app, environment))
    compose(app, environment, staging, declared)
    app.synth()


if __name__ == "__main__":
    main()
