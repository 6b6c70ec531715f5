"""CloudWatch alarms and dashboards, log metric filters, log resource policies, saved queries."""

from local_cloud.stacks.resource import Call, Named, ResourceType, answer, given


def alarm_type(operation: str) -> ResourceType:
    """The type of one kind of alarm; the same call makes and changes it."""
    put = Call(operation)
    return ResourceType(
        service="cloudwatch",
        create=put,
        identifier=given("AlarmName"),
        derived=lambda item: {"Arn": f"arn:aws:cloudwatch:{item.region}:{item.account}:alarm:{item.id}"},
        update=put,
        delete=Call("delete_alarms", lambda item: {"AlarmNames": [item.id]}),
        named=Named("AlarmName", limit=255),
        create_only=("AlarmName",),
    )


PUT_DASHBOARD = Call("put_dashboard")
PUT_FILTER = Call("put_metric_filter")
# putting over a filter leaves the old one in place
DELETE_FILTER = Call("delete_metric_filter", lambda item: {"filterName": item.id, **item.only("LogGroupName")})
PUT_POLICY = Call("put_resource_policy")
PUT_QUERY = Call("put_query_definition")

TYPES = {
    "AWS::CloudWatch::Alarm": alarm_type("put_metric_alarm"),
    "AWS::CloudWatch::CompositeAlarm": alarm_type("put_composite_alarm"),
    "AWS::CloudWatch::Dashboard": ResourceType(
        service="cloudwatch",
        create=PUT_DASHBOARD,
        identifier=given("DashboardName"),
        update=PUT_DASHBOARD,
        delete=Call("delete_dashboards", lambda item: {"DashboardNames": [item.id]}),
        named=Named("DashboardName", limit=255),
        create_only=("DashboardName",),
    ),
    "AWS::Logs::MetricFilter": ResourceType(
        service="logs",
        create=PUT_FILTER,
        identifier=given("FilterName"),
        update=(DELETE_FILTER, PUT_FILTER),
        delete=DELETE_FILTER,
        named=Named("FilterName", limit=255),
        create_only=("FilterName", "LogGroupName"),
    ),
    "AWS::Logs::ResourcePolicy": ResourceType(
        service="logs",
        create=PUT_POLICY,
        identifier=given("PolicyName"),
        update=PUT_POLICY,
        delete=Call("delete_resource_policy", lambda item: {"policyName": item.id}),
        create_only=("PolicyName",),
    ),
    "AWS::Logs::QueryDefinition": ResourceType(
        service="logs",
        create=PUT_QUERY,
        identifier=answer("queryDefinitionId"),
        attributes={"QueryDefinitionId": "queryDefinitionId"},
        update=Call("put_query_definition", lambda item: {**item.properties, "queryDefinitionId": item.id}),
        delete=Call("delete_query_definition", lambda item: {"queryDefinitionId": item.id}),
    ),
}
