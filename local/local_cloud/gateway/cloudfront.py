"""CloudFront's control plane: keeps what it is given and answers it back whole, for the edge to read.

The edge process is the data plane; it asks for the distribution's configuration as any client would. Kept per account,
in memory, like everything else in the local cloud.
"""

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.skeleton import Skeleton
from localstack.aws.spec import load_service
from localstack.services.plugins import Service, aws_provider

Handler = Callable[[RequestContext, Any], Any]
Record = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """A kind of record: the stem of its operations' names, and the plural in the name of its list operation."""

    name: str
    plural: str
    summary: str | None = None  # how a list wraps an item; None: the item's members at the top
    dated: bool = True

    @property
    def config(self) -> str:
        """The member that holds what the caller gave."""
        return f"{self.name}Config"


DISTRIBUTION = Kind("Distribution", "Distributions")
KINDS = (
    DISTRIBUTION,
    Kind("OriginAccessControl", "OriginAccessControls", dated=False),
    Kind("CachePolicy", "CachePolicies", "CachePolicy"),
    Kind("OriginRequestPolicy", "OriginRequestPolicies", "OriginRequestPolicy"),
    Kind("ResponseHeadersPolicy", "ResponseHeadersPolicies", "ResponseHeadersPolicy"),
)


class NotKept(CommonServiceException):
    """404, with CloudFront's code for the kind."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"NoSuch{kind}", f"The specified {kind} does not exist.", status_code=404)


class Stale(CommonServiceException):
    """412: the ETag given is not the record's."""

    def __init__(self) -> None:
        super().__init__("PreconditionFailed", "The If-Match version is missing or not valid.", status_code=412)


class Shelf:
    """The records of one kind, of all accounts."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self._records: dict[tuple[str, str], Record] = {}
        self._lock = threading.RLock()

    def create(self, context: RequestContext, request: Any) -> Record:
        """Keep a new record."""
        wrapped = request.get(f"{self.kind.config}WithTags") or request
        number = uuid.uuid4().hex
        found = number[:14].upper() if self.kind is DISTRIBUTION else str(uuid.UUID(number))
        return self._answer(self._put(context, f"E{found}" if self.kind is DISTRIBUTION else found, wrapped))

    def get(self, context: RequestContext, request: Any) -> Record:
        """A record; raises `NotKept`."""
        return self._answer(self._find(context, request["Id"]))

    def get_config(self, context: RequestContext, request: Any) -> Record:
        """What the caller gave; raises `NotKept`."""
        record = self._find(context, request["Id"])
        return {self.kind.config: record[self.kind.config], "ETag": record["ETag"]}

    def update(self, context: RequestContext, request: Any) -> Record:
        """Replace what the caller gave; raises `NotKept` and `Stale`."""
        with self._lock:
            self._check(self._find(context, request["Id"]), request)
            return self._answer(self._put(context, request["Id"], request))

    def delete(self, context: RequestContext, request: Any) -> Record:
        """Forget a record; raises `NotKept` and `Stale`."""
        with self._lock:
            self._check(self._find(context, request["Id"]), request)
            del self._records[context.account_id, request["Id"]]
        return {}

    def list(self, context: RequestContext, _request: Any) -> Record:
        """All records of the account, on one page."""
        mine = [record for (account, _), record in self._records.items() if account == context.account_id]
        items = [self._item(record) for record in mine]
        page = {"Quantity": len(items), "Items": items, "MaxItems": 1000, "Marker": "", "IsTruncated": False}
        return {f"{self.kind.name}List": page}

    def operations(self) -> dict[str, Handler]:
        """The handlers by operation name."""
        name = self.kind.name
        return {
            f"Create{name}": self.create,
            f"Create{name}WithTags": self.create,
            f"Get{name}": self.get,
            f"Get{name}Config": self.get_config,
            f"Update{name}": self.update,
            f"Delete{name}": self.delete,
            f"List{self.kind.plural}": self.list,
        }

    def _find(self, context: RequestContext, identifier: str) -> Record:
        try:
            return self._records[context.account_id, identifier]
        except KeyError:
            raise NotKept(self.kind.name) from None

    def _put(self, context: RequestContext, identifier: str, request: Any) -> Record:
        record = {
            "Id": identifier,
            "ETag": f"E{uuid.uuid4().hex[:13].upper()}",
            self.kind.config: request[self.kind.config],
        }
        if self.kind.dated:
            record["LastModifiedTime"] = datetime.now(UTC)
        if self.kind is DISTRIBUTION:
            record |= {
                "ARN": f"arn:aws:cloudfront::{context.account_id}:distribution/{identifier}",
                "DomainName": f"{identifier.lower()}.cloudfront.net",
                "Status": "Deployed",
                "InProgressInvalidationBatches": 0,
            }
        self._records[context.account_id, identifier] = record
        return record

    def _answer(self, record: Record) -> Record:
        return {self.kind.name: body(record), "ETag": record["ETag"], "Location": f"/{record['Id']}"}

    def _item(self, record: Record) -> Record:
        if self.kind.summary:
            return {self.kind.summary: body(record), "Type": "custom"}
        return {**record[self.kind.config], **body(record)}

    @staticmethod
    def _check(record: Record, request: Any) -> None:
        if request.get("IfMatch") not in (None, record["ETag"]):
            raise Stale


def body(record: Record) -> Record:
    """A record as it is answered: its version stands beside it."""
    return {name: value for name, value in record.items() if name != "ETag"}


class Functions:
    """CloudFront functions: kept, published at once."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, str], Record] = {}

    def put(self, context: RequestContext, request: Any) -> Record:
        """Create or update a function."""
        now = datetime.now(UTC)
        name = request["Name"]
        self._records[context.account_id, name] = {
            "code": request["FunctionCode"],
            "ETag": f"E{uuid.uuid4().hex[:13].upper()}",
            "FunctionSummary": {
                "Name": name,
                "Status": "UNASSOCIATED",
                "FunctionConfig": request["FunctionConfig"],
                "FunctionMetadata": {
                    "FunctionARN": f"arn:aws:cloudfront::{context.account_id}:function/{name}",
                    "Stage": "LIVE",
                    "CreatedTime": now,
                    "LastModifiedTime": now,
                },
            },
        }
        return self.describe(context, request)

    def describe(self, context: RequestContext, request: Any) -> Record:
        """What is known of a function; raises `NotKept`."""
        record = self._find(context, request)
        return {"FunctionSummary": record["FunctionSummary"], "ETag": record["ETag"]}

    def get(self, context: RequestContext, request: Any) -> Record:
        """A function's code; raises `NotKept`."""
        record = self._find(context, request)
        return {"FunctionCode": record["code"], "ETag": record["ETag"], "ContentType": "application/octet-stream"}

    def delete(self, context: RequestContext, request: Any) -> Record:
        """Forget a function; raises `NotKept`."""
        self._find(context, request)
        del self._records[context.account_id, request["Name"]]
        return {}

    def operations(self) -> dict[str, Handler]:
        """The handlers by operation name."""
        return {
            "CreateFunction": self.put,
            "UpdateFunction": self.put,
            "PublishFunction": self.describe,
            "DescribeFunction": self.describe,
            "GetFunction": self.get,
            "DeleteFunction": self.delete,
        }

    def _find(self, context: RequestContext, request: Any) -> Record:
        try:
            return self._records[context.account_id, request["Name"]]
        except KeyError:
            raise NotKept("FunctionExists") from None


def create_invalidation(_context: RequestContext, request: Any) -> Record:
    """Nothing is cached at the edge: an invalidation is complete as soon as it is made."""
    batch = {"Id": f"I{uuid.uuid4().hex[:13].upper()}", "Status": "Completed", "CreateTime": datetime.now(UTC)}
    return {"Invalidation": {**batch, "InvalidationBatch": request["InvalidationBatch"]}, "Location": batch["Id"]}


@aws_provider(api="cloudfront", name="default")
def cloudfront() -> Service:
    """The provider plugin."""
    table: dict[str, Handler] = {"CreateInvalidation": create_invalidation, **Functions().operations()}
    for kind in KINDS:
        table |= Shelf(kind).operations()
    spec = load_service("cloudfront")
    known = {name: handler for name, handler in table.items() if name in spec.operation_names}
    return Service(name="cloudfront", skeleton=Skeleton(spec, known))
