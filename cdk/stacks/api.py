"""The HTTP API: one function per slice behind explicit routes, and one authorizer before all of them."""

from aws_cdk import CfnOutput, Duration, RemovalPolicy
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_logs as logs
from chalice.app import Chalice
from constructs import Construct

from cdk.accepted import accept
from cdk.constructs.alert_rights import alert_variables, grant_alerts_api, may_redrive
from cdk.constructs.gateway_responses import add_gateway_responses
from cdk.constructs.gateway_rights import Queues, gateway_variables, grant_gateway, may_exchange, may_observe
from cdk.constructs.image_function import ImageFunction
from cdk.constructs.layers import Layers
from cdk.constructs.log_care import may_read_log
from cdk.constructs.manager_rights import (
    READ_LOG,
    manager_variables,
    may_build,
    may_keep_payloads,
    may_read_builds,
    may_read_servables,
    may_remove_images,
    may_start_servables,
    may_stop_servables,
)
from cdk.constructs.routes import add_routes
from cdk.constructs.thin_function import Place, ThinFunction
from cdk.constructs.training_data import TrainingData, may_show_profiles, may_take_training_data, training_variables
from cdk.environments import Environment
from cdk.stacks.alerts import Alerts
from cdk.stacks.data import Data
from cdk.stacks.network import Network
from cdk.stacks.platform_stack import PlatformStack
from cdk.stacks.serving import Serving
from cdk.staging import Staging

STAGE = "live"
HTTP_HANDLER = "app.app"
KEY_HEADER = "x-api-key"


class Api(PlatformStack):
    """`rest_api` and its functions. The key issuer is no part of the API: an operator invokes it for the first key."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        environment: Environment,
        staging: Staging,
        app: Chalice,
        network: Network,
        data: Data,
        serving: Serving,
        queues: Queues,
        training: TrainingData,
        alerts: Alerts,
    ) -> None:
        super().__init__(scope, name, environment)
        self._environment = environment
        self._staging = staging
        self._layers = Layers(self, environment=environment, staging=staging)
        functions: dict[str, ThinFunction | ImageFunction] = {
            "access": self._access(data),
            "alerts": self._alerts(data, alerts),
            "gateway": self._gateway(network, data, queues),
            "manager": self._manager(network, data, serving),
            "sonar": self._sonar(data, queues, training),
        }
        self.rest_api = self._rest_api()
        add_gateway_responses(self.rest_api)
        handlers = {name: function.function for name, function in functions.items()}
        add_routes(self.rest_api, app, handlers, self._authorizer(data))
        accept_api(self.rest_api)
        issuer = self._key_issuer(data)
        CfnOutput(self, "KeyIssuerFunctionName", value=issuer.function.function_name)
        CfnOutput(self, "ApiId", value=self.rest_api.rest_api_id)
        CfnOutput(self, "ApiUrl", value=self.rest_api.url)

    def _function(
        self,
        name: str,
        slice: str,  # noqa: A002 - the word of the design
        variables: dict[str, str],
        *,
        handler: str = HTTP_HANDLER,
        memory: int = 512,
        layers: tuple[str, ...] = ("web",),
        place: Place | None = None,
    ) -> ThinFunction:
        return ThinFunction(
            self,
            name.title().replace("-", ""),
            environment=self._environment,
            staging=self._staging,
            layers=self._layers,
            layer_names=layers,
            name=name,
            slice=slice,
            handler=handler,
            variables=variables,
            memory=memory,
            place=place,
        )

    def _gateway(self, network: Network, data: Data, queues: Queues) -> ThinFunction:
        made = self._function(
            "gateway",
            "gateway",
            gateway_variables(data, queues),
            memory=self._environment.gateway_memory,
            layers=("web", "grpc"),
            place=network.gateway_place,
        )
        grant_gateway(made.role, data, queues)
        may_exchange(made.role, data)
        return made

    def _manager(self, network: Network, data: Data, serving: Serving) -> ThinFunction:
        variables = manager_variables(self, network=network, data=data, serving=serving)
        made = self._function("manager", "manager", variables, memory=self._environment.manager_memory)
        may_keep_payloads(made.role, data)
        may_build(made.role, serving)
        may_remove_images(made.role, serving)
        may_read_builds(made.role, serving, READ_LOG)
        may_read_servables(made.role, serving, READ_LOG)
        may_start_servables(made.role, serving)
        may_stop_servables(made.role, serving)
        tables = data.tables
        tables["models"].allow(made.role, "GetItem", "Query", "Scan", "PutItem", "DeleteItem")
        tables["uploads"].allow(made.role, "GetItem", "PutItem")
        tables["counters"].allow(made.role, "GetItem", "PutItem", "UpdateItem")
        tables["servables"].allow(made.role, "GetItem", "BatchGetItem", "Scan", "PutItem", "DeleteItem")
        tables["applications"].allow(made.role, "GetItem", "Scan", "PutItem", "DeleteItem")
        tables["application-revisions"].allow(made.role, "Query", "PutItem", "DeleteItem")
        tables["deployment-configurations"].allow(made.role, "GetItem", "Scan", "PutItem", "DeleteItem")
        tables["metric-specs"].allow(made.role, "Query", "Scan", "PutItem", "DeleteItem")
        tables["events"].allow(made.role, "GetItem", "Query", "PutItem")
        tables["idempotency"].allow(made.role, "GetItem", "PutItem", "UpdateItem", "DeleteItem")
        return made

    def _sonar(self, data: Data, queues: Queues, training: TrainingData) -> ImageFunction:
        made = ImageFunction(
            self,
            "Sonar",
            environment=self._environment,
            staging=self._staging,
            name="sonar-api",
            slice="sonar",
            handler=HTTP_HANDLER,
            variables={
                "TABLE_PREFIX": data.table_prefix,
                "OBSERVATIONS_BUCKET": data.observations.bucket_name,
                "OBSERVATIONS_QUEUE_URL": queues.observations.queue_url,
                **training_variables(self, training.queue, self._environment),
                "CARE_QUEUE_URL": queues.care.queue_url,
                "DEAD_LETTERS_URL": queues.dead_observations.queue_url,
            },
            memory=self._environment.sonar_memory,
            timeout=Duration.seconds(29),
        )
        data.tables["models"].allow(made.role, "Query")
        may_read_log(made.role, data, queues.care)
        may_observe(made.role, data, queues.observations)
        may_redrive(made.role, queues)
        may_take_training_data(made.role, data, self._environment, training.queue)
        may_show_profiles(made.role, data)
        return made

    def _alerts(self, data: Data, alerts: Alerts) -> ThinFunction:
        made = self._function("alerts", "alerts", alert_variables(self._environment, data, alerts))
        grant_alerts_api(made.role, data, alerts)
        return made

    def _access(self, data: Data) -> ThinFunction:
        made = self._function("access", "access", {"TABLE_PREFIX": data.table_prefix})
        data.tables["api-keys"].allow(made.role, "GetItem", "Scan", "PutItem", "DeleteItem")
        return made

    def _key_issuer(self, data: Data) -> ThinFunction:
        handler = "functions.access.issuer.handler"
        made = self._function("key-issuer", "access", {"TABLE_PREFIX": data.table_prefix}, handler=handler)
        data.tables["api-keys"].allow(made.role, "PutItem")
        return made

    def _authorizer(self, data: Data) -> apigateway.RequestAuthorizer:
        handler = "functions.access.authorizer.handler"
        made = self._function("authorizer", "access", {"TABLE_PREFIX": data.table_prefix}, handler=handler)
        data.tables["api-keys"].allow(made.role, "GetItem")
        return apigateway.RequestAuthorizer(
            self,
            "Keys",
            authorizer_name=f"{self._environment.prefix}-keys",
            handler=made.function,
            identity_sources=[apigateway.IdentitySource.header(KEY_HEADER)],
            results_cache_ttl=Duration.seconds(self._environment.key_cache),
        )

    def _rest_api(self) -> apigateway.RestApi:
        access_log = logs.LogGroup(
            self,
            "AccessLog",
            log_group_name=f"/dewpoint/{self._environment.name}/api",
            retention=self._environment.log_retention,
            removal_policy=RemovalPolicy.DESTROY,
        )
        return apigateway.RestApi(
            self,
            "Rest",
            rest_api_name=self._environment.prefix,
            description="Dewpoint: predictions and management",
            endpoint_configuration=apigateway.EndpointConfiguration(types=[apigateway.EndpointType.REGIONAL]),
            binary_media_types=["*/*"],  # the binary tensor extension has no media type of its own
            cloud_watch_role=True,
            deploy_options=apigateway.StageOptions(
                stage_name=STAGE,
                throttling_rate_limit=self._environment.requests_per_second,
                throttling_burst_limit=self._environment.burst,
                tracing_enabled=True,
                metrics_enabled=True,
                access_log_destination=apigateway.LogGroupLogDestination(access_log),
                access_log_format=apigateway.AccessLogFormat.json_with_standard_fields(
                    caller=False,
                    http_method=True,
                    ip=True,
                    protocol=True,
                    request_time=True,
                    resource_path=True,
                    response_length=True,
                    status=True,
                    user=False,
                ),
            ),
        )


def accept_api(api: apigateway.RestApi) -> None:
    accept(api, "The functions check bodies against the model's signature and name every fault at once.", "APIG2")
    accept(api, "A web ACL is paid by the month; every call needs an API key without one.", "APIG3")
    accept(api, "Access logs name every call; execution logs would hold the inputs as well.", "APIG6")
    accept(
        api, "Callers are programs with API keys, which an authorizer of our own checks before every method.", "COG4"
    )
    managed = "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]"
    accept(api, "API Gateway asks for this policy by name to write its log.", managed)
