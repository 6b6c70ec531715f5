"""The operations of the manager and of access."""

from typing import Any

from cdk.openapi import answers, requests
from cdk.openapi.conventions import ETAG, HOLD, listing, repeatable
from cdk.openapi.events import EVENTS
from cdk.openapi.operation import Operation, Operations, Parameter
from functions.manager.about_routes import ABSENT
from functions.manager.create_application import NewApplication
from functions.manager.create_deployment import NewDeployment
from functions.manager.rollback_application import Rollback
from functions.manager.servable_routes import NewServable
from functions.manager.update_application import ChangedApplication

AFTER = Parameter("after", "query", "The token `next` of the page before.")
IF_MATCH = Parameter("If-Match", "header", "The ETag the change is meant for.")

MODELS: Operations = {
    ("POST", "/api/v2/model/upload"): Operation(
        summary="Announce a payload; the answer says where it goes. Or send a small one in a form.",
        request=requests.NewUpload,
        answer=answers.Announcement,
        status=201,
        form=requests.UploadForm,
        accepted=answers.ModelVersion,
    ),
    ("POST", "/api/v2/model/upload/{upload_id}/complete"): Operation(
        summary="The payload is there: number the version and start its build.",
        answer=answers.ModelVersion,
        status=202,
        refusals=(400, 409, 413),
    ),
    ("POST", "/api/v2/externalmodel"): Operation(
        summary="A version of a model that runs elsewhere.",
        request=requests.NewExternalModel,
        answer=answers.ModelVersion,
        status=201,
    ),
    ("GET", "/api/v2/model"): listing("All models.", answers.Model),
    ("GET", "/api/v2/model/{model_id}"): Operation(summary="One model.", answer=answers.Model),
    ("DELETE", "/api/v2/model/{model_id}"): Operation(
        summary="Delete a model and its versions, unless one is in use.", answer=answers.Model, refusals=(409,)
    ),
    ("GET", "/api/v2/model/version"): listing("All versions.", answers.ModelVersion),
    ("GET", "/api/v2/model/version/{key}/{version}"): Operation(
        summary="One version; `key` is the model's name.", answer=answers.ModelVersion
    ),
    ("DELETE", "/api/v2/model/version/{key}/{version}"): Operation(
        summary="Delete a version, unless it is in use.", answer=answers.ModelVersion, refusals=(409,)
    ),
    ("GET", "/api/v2/model/version/{key}/logs"): Operation(
        summary="The build log; `key` is the version's id.",
        answer=answers.LogPage,
        parameters=(AFTER, HOLD),
        refusals=(400,),
        streams=True,
    ),
}
SERVABLES: Operations = {
    ("GET", "/api/v2/servable"): listing("All servables; `metadata.<key>=<value>` filters.", answers.Servable),
    ("POST", "/api/v2/servable"): Operation(
        summary="Start a servable of a Released version.",
        request=NewServable,
        answer=answers.Servable,
        status=201,
        refusals=(404, 409),
    ),
    ("GET", "/api/v2/servable/{name}"): Operation(summary="One servable.", answer=answers.Servable),
    ("DELETE", "/api/v2/servable/{name}"): Operation(
        summary="Stop a servable that no application uses.", answer=answers.Servable, refusals=(409,)
    ),
    ("GET", "/api/v2/servable/{name}/logs"): Operation(
        summary="A servable's log.", answer=answers.LogPage, parameters=(AFTER,), refusals=(400,), streams=True
    ),
}
APPLICATIONS: Operations = {
    ("GET", "/api/v2/application"): listing("All applications.", answers.Application),
    ("POST", "/api/v2/application"): Operation(
        summary="Create an application.",
        request=NewApplication,
        answer=answers.Application,
        status=201,
        headers=(ETAG,),
        refusals=(409,),
    ),
    ("GET", "/api/v2/application/{name}"): Operation(
        summary="One application, with an example call.", answer=answers.Application, headers=(ETAG,)
    ),
    ("PUT", "/api/v2/application/{name}"): Operation(
        summary="Change an application's graph; it goes on answering.",
        request=ChangedApplication,
        answer=answers.Application,
        parameters=(IF_MATCH,),
        headers=(ETAG,),
        refusals=(409, 412, 503),
    ),
    ("GET", "/api/v2/application/{name}/revisions"): listing(
        "What an application was asked to be, newest first.", answers.Revision
    ),
    ("POST", "/api/v2/application/{name}/rollback"): Operation(
        summary="Bring an earlier revision back, the one before when none is named.",
        request=Rollback,
        optional=True,
        answer=answers.Application,
        parameters=(IF_MATCH,),
        headers=(ETAG,),
        refusals=(412, 503),
    ),
    ("DELETE", "/api/v2/application/{name}"): Operation(
        summary="Delete an application and the servables that only it uses.",
        answer=answers.Application,
        parameters=(IF_MATCH,),
        refusals=(412,),
    ),
    ("GET", "/api/v2/application/generateInputs/{name}"): Operation(
        summary="An example of an application's inputs.", answer=dict[str, Any], refusals=(413,)
    ),
    ("GET", "/api/v2/application/{name}/openapi.json"): Operation(
        summary="The OpenAPI document of an application's predictions.", answer=dict[str, Any], headers=(ETAG,)
    ),
}
DEPLOYMENTS: Operations = {
    ("GET", "/api/v2/deployment_configuration"): listing(
        "All deployment configurations.", answers.DeploymentConfiguration
    ),
    ("POST", "/api/v2/deployment_configuration"): Operation(
        summary="Create a deployment configuration.",
        request=NewDeployment,
        answer=answers.DeploymentConfiguration,
        status=201,
        refusals=(409,),
    ),
    ("GET", "/api/v2/deployment_configuration/{name}"): Operation(
        summary="One deployment configuration.", answer=answers.DeploymentConfiguration
    ),
    ("DELETE", "/api/v2/deployment_configuration/{name}"): Operation(
        summary="Delete a deployment configuration that nobody uses.",
        answer=answers.DeploymentConfiguration,
        refusals=(409,),
    ),
}
METRIC_SPECS: Operations = {
    ("GET", "/api/v2/monitoring/metricspec"): listing("All metric specs.", answers.MetricSpec),
    ("POST", "/api/v2/monitoring/metricspec"): Operation(
        summary="Say when a request of a version is healthy, by a metric model, an operator and a threshold.",
        request=requests.NewMetricSpec,
        answer=answers.MetricSpec,
        status=201,
        headers=(ETAG,),
        refusals=(409, 503),
    ),
    ("GET", "/api/v2/monitoring/metricspec/modelversion/{version_id}"): listing(
        "The metric specs that watch a version.", answers.MetricSpec
    ),
    ("GET", "/api/v2/monitoring/metricspec/{spec_id}"): Operation(
        summary="One metric spec.", answer=answers.MetricSpec, headers=(ETAG,)
    ),
    ("PUT", "/api/v2/monitoring/metricspec/{spec_id}"): Operation(
        summary="Change a metric spec, which keeps its name and what it watches.",
        request=requests.ChangedMetricSpec,
        answer=answers.MetricSpec,
        parameters=(IF_MATCH,),
        headers=(ETAG,),
        refusals=(412, 503),
    ),
    ("DELETE", "/api/v2/monitoring/metricspec/{spec_id}"): Operation(
        summary="Delete a metric spec, and the servable that only it needs.",
        answer=answers.MetricSpec,
        parameters=(IF_MATCH,),
        refusals=(412,),
    ),
}
KEYS: Operations = {
    ("GET", "/api/v2/api_key"): listing("All API keys.", answers.ApiKey),
    ("POST", "/api/v2/api_key"): Operation(
        summary="Issue an API key; it is shown once.",
        request=requests.NewKey,
        answer=answers.ApiKey,
        status=201,
        refusals=(409,),
    ),
    ("DELETE", "/api/v2/api_key/{name}"): Operation(summary="Delete an API key.", answer=answers.ApiKey),
}
MANAGEMENT: Operations = {
    **repeatable({**MODELS, **SERVABLES, **APPLICATIONS, **DEPLOYMENTS, **METRIC_SPECS}),
    **EVENTS,
    **KEYS,  # a key is shown once and its answer never kept
    ("GET", "/api/v2/buildinfo"): Operation(summary="What runs.", answer=answers.BuildInfo),
    ("GET", "/api/buildinfo"): Operation(
        summary="What runs, where the reference system says it.", answer=answers.BuildInfo
    ),
    **{
        ("GET", f"/{service}/buildinfo"): Operation(
            summary=f"That the reference system's {service} service is not there.", answer=answers.AbsentService
        )
        for service in ABSENT
    },
    ("GET", "/api/v2/openapi.json"): Operation(summary="This document.", answer=dict[str, Any]),
}
