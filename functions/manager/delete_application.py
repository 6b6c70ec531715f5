"""An application stops answering at once; then the servables it made for itself stop."""

from functions.core.models import Application
from functions.manager.delete_servable import release_servables
from functions.manager.ports import Ports


def delete_application(ports: Ports, name: str, expected_revision: int | None = None) -> Application:
    """Raises NotFound, and PreconditionFailed when the revision is not the expected one."""
    application = ports.applications.get(name)
    ports.applications.delete(name, expected_revision)
    release_servables(ports, application.all_servables)
    return application
