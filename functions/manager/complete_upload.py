"""The payload is there: it becomes a numbered version, and its build starts.

May be called again at any point, also after a crash in the middle: the upload remembers its version, and every step
after that one does nothing when it was done before. Once the build has started the upload is closed: a late repetition
finds the version as it is, and brings none back that was deleted.
"""

from msgspec.structs import replace

from functions.core.errors import Conflict
from functions.core.models import ModelVersion, Upload, VersionStatus
from functions.manager.check_payload import check_payload
from functions.manager.choose_runtime import choose_runtime
from functions.manager.contract import PAYLOAD, contract_key, model_image, stored_at, to_contract
from functions.manager.ports import Ports


def complete_upload(ports: Ports, upload_id: str) -> ModelVersion:
    """The version, new or as it is now.

    Raises NotFound for an unknown upload or a version that is gone, InvalidRequest for a payload that is missing or
    not the announced one, HostileArchive for one that should not be unpacked.
    """
    upload = ports.uploads.get(upload_id)
    number = upload.version
    if number is not None and upload.closed:
        return ports.models.get(upload.name, number)
    if number is None:
        check_payload(ports.payloads, upload)
        number = ports.uploads.assign_version(upload_id, ports.models.next_version(upload.name))
    version = ensure_version(ports, upload, number)
    if version.status is VersionStatus.ASSEMBLING and not version.build_id:
        version = start_build(ports, upload, version)
    ports.uploads.close(upload_id)
    return version


def ensure_version(ports: Ports, upload: Upload, number: int) -> ModelVersion:
    """The stored version of `upload`, made when it is not there yet."""
    runtimes = ports.rules.runtimes
    version = ModelVersion(
        id=ports.models.next_id(),
        model_id=ports.models.model_id(upload.name),
        name=upload.name,
        version=number,
        runtime=upload.runtime,
        runtime_image=runtimes[choose_runtime(runtimes, upload.runtime)],
        signature=upload.signature,
        status=VersionStatus.ASSEMBLING,
        payload_key=stored_at(upload.name, number, PAYLOAD),
        payload_sha256=upload.sha256,
        image=model_image(ports.rules.model_repository, upload.name, number),
        install_command=upload.install_command,
        package_index=upload.package_index,
        container=upload.container,
        metadata=upload.metadata,
        monitoring=upload.monitoring,
        keep_versions=upload.keep_versions,
        batching=upload.batching,
        created=ports.clock.now(),
    )
    try:
        ports.models.create(version)
    except Conflict:
        return ports.models.get(upload.name, number)
    return version


def start_build(ports: Ports, upload: Upload, version: ModelVersion) -> ModelVersion:
    """`version` with its build's id."""
    ports.payloads.copy(upload.payload_key, version.payload_key)
    ports.payloads.write(contract_key(version), to_contract(version))
    started = replace(version, build_id=ports.builder.start(version, contract_key(version)))
    if ports.models.update(started, VersionStatus.ASSEMBLING):
        return started
    return ports.models.get(version.name, version.version)  # its build has ended already
