"""CodeBuild."""

from local_cloud.stacks.resource import Call, Named, ResourceType, answer

TYPES = {
    "AWS::CodeBuild::Project": ResourceType(
        service="codebuild",
        create=Call("create_project"),
        identifier=answer("project.name"),
        attributes={"Arn": "project.arn"},
        update=Call("update_project", lambda item: {**item.properties, "Name": item.id}),
        delete=Call("delete_project", lambda item: {"name": item.id}),
        named=Named("Name", limit=150),
        create_only=("Name",),
    ),
}
