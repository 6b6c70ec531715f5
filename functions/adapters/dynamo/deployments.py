"""Deployment configurations in DynamoDB."""

from functions.adapters.dynamo.documents import Documents
from functions.adapters.dynamo.journal import Journal
from functions.adapters.dynamo.tables import DeploymentRow, bind
from functions.core.deployments import DeploymentConfiguration
from functions.core.feed import DEPLOYMENTS


class DynamoDeploymentStore:
    def __init__(self, prefix: str) -> None:
        row = bind(DeploymentRow, prefix)
        noun = "deployment configuration"
        self._documents = Documents(row, DeploymentConfiguration, noun, Journal(prefix), DEPLOYMENTS)

    def create(self, configuration: DeploymentConfiguration) -> None:
        self._documents.create(configuration.name, entity=configuration)

    def get(self, name: str) -> DeploymentConfiguration:
        return self._documents.read(name)[0]

    def list(self) -> list[DeploymentConfiguration]:
        return sorted(self._documents.all(), key=lambda configuration: configuration.name)

    def delete(self, name: str) -> None:
        self._documents.delete(name)
