"""REST APIs behave as API Gateway's: authorizers, gateway responses, binary bodies, limits."""

import time
from collections.abc import Callable

import pytest

from .conftest import Cloud
from .rest import Answer, Api, ask

pytestmark = pytest.mark.cloud

FORM = b'--xyz\r\nContent-Disposition: form-data; name="a"\r\nX-Of-Our-Own: 1\r\n\r\n\x00\xff\r\n--xyz--\r\n'

ECHO = """
import base64, time
def handler(event, context):
    headers = {name.lower(): value for name, value in event['headers'].items()}
    if event['path'] == '/slow':
        time.sleep(3)
    if event['path'] == '/bytes':
        return {'statusCode': 200, 'isBase64Encoded': True, 'body': event['body'],
                'headers': {'Content-Type': 'application/octet-stream',
                            'Inference-Header-Content-Length': headers['inference-header-content-length']}}
    import json
    return {'statusCode': 200, 'headers': {'Content-Type': 'application/json'}, 'body': json.dumps({
        'authorizer': event['requestContext'].get('authorizer'), 'base64': event['isBase64Encoded'],
        'length': len(event['body'] or ''), 'path': event['path']})}
"""

# counts its calls in a file of its environment: the same process, as long as it stays warm
AUTHORIZER = """
calls = 0
def handler(event, context):
    global calls
    calls += 1
    headers = {name.lower(): value for name, value in event.get('headers', {}).items()}
    key = headers['x-api-key'] if event['type'] == 'REQUEST' else event['authorizationToken']
    if key == 'nobody':
        raise Exception('Unauthorized')
    if key == 'broken':
        raise ValueError('a defect')
    api = event['methodArn'].rsplit('/', 2)[0]
    statements = [{'Action': 'execute-api:Invoke', 'Effect': 'Allow', 'Resource': f'{api}/*'}]
    if key == 'viewer':
        statements.append({'Action': '*', 'Effect': 'Deny', 'Resource': f'{api}/POST/secret'})
    if key == 'stranger':
        statements = [{'Action': 'execute-api:Invoke', 'Effect': 'Allow', 'Resource': f'{api}/GET/elsewhere'}]
    return {'principalId': key, 'policyDocument': {'Version': '2012-10-17', 'Statement': statements},
            'context': {'role': key, 'calls': calls, 'admin': False}}
"""


@pytest.fixture(scope="module")
def echo(make_function: Callable[..., str]) -> str:
    return make_function(ECHO)


@pytest.fixture(scope="module")
def guarded(cloud: Cloud, make_function: Callable[..., str], echo: str) -> str:
    api = Api(cloud)
    guard = api.authorizer(make_function(AUTHORIZER), authorizerResultTtlInSeconds=60)
    for method, part in (("GET", "open"), ("POST", "secret"), ("GET", "secret")):
        api.route(method, part, echo, guard)
    for kind, status in (("UNAUTHORIZED", 401), ("ACCESS_DENIED", 403), ("MISSING_AUTHENTICATION_TOKEN", 404)):
        api.response(kind, status)
    return api.deploy()


def problem(answer: Answer, status: int, title: str) -> None:
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert (document["title"], document["status"]) == (title, status)
    assert document["instance"] == answer.headers["x-amzn-requestid"]


def test_an_allowed_request_carries_the_context_as_strings(guarded: str) -> None:
    answer = ask(f"{guarded}/open", x_api_key="admin")

    assert answer.status == 200
    seen = answer.json()["authorizer"]
    assert (seen["principalId"], seen["role"], seen["admin"]) == ("admin", "admin", "false")
    assert seen["calls"].isdigit()


def test_the_answer_is_cached_per_identity_across_methods(guarded: str) -> None:
    calls = [ask(f"{guarded}/{part}", x_api_key="cached").json()["authorizer"]["calls"] for part in ("open", "secret")]
    other = ask(f"{guarded}/open", x_api_key="another").json()["authorizer"]["calls"]

    assert calls[0] == calls[1]
    assert int(other) > int(calls[0])


def test_a_missing_key_is_401_and_no_function_is_asked(guarded: str) -> None:
    problem(ask(f"{guarded}/open"), 401, "Unauthorized")


def test_a_refused_key_is_401(guarded: str) -> None:
    problem(ask(f"{guarded}/open", x_api_key="nobody"), 401, "Unauthorized")


def test_an_explicit_deny_wins(guarded: str) -> None:
    assert ask(f"{guarded}/secret", x_api_key="viewer").status == 200
    denied = ask(f"{guarded}/secret", "POST", b"{}", x_api_key="viewer")

    problem(denied, 403, "User is not authorized to access this resource with an explicit deny")


def test_what_is_not_allowed_is_403(guarded: str) -> None:
    problem(ask(f"{guarded}/open", x_api_key="stranger"), 403, "User is not authorized to access this resource")


def test_a_defect_of_the_authorizer_is_500(guarded: str) -> None:
    answer = ask(f"{guarded}/open", x_api_key="broken")

    assert answer.status == 500
    assert answer.headers["x-amzn-errortype"] == "AuthorizerConfigurationException"


def test_a_missing_route_is_the_configured_404(guarded: str) -> None:
    answer = ask(f"{guarded}/nowhere", x_api_key="admin")

    problem(answer, 404, "Missing Authentication Token")
    assert answer.headers["x-kind"] == "MISSING_AUTHENTICATION_TOKEN"


def test_token_authorizers(cloud: Cloud, make_function: Callable[..., str], echo: str) -> None:
    api = Api(cloud)
    guard = api.authorizer(
        make_function(AUTHORIZER),
        "TOKEN",
        identityValidationExpression="^[a-z]+$",
        authorizerResultTtlInSeconds=0,
    )
    api.route("GET", "open", echo, guard)
    url = api.deploy() + "/open"

    first, second = (ask(url, Authorization="admin").json()["authorizer"]["calls"] for _ in range(2))

    assert int(second) > int(first), "a time to live of 0 means that nothing is cached"
    assert ask(url, Authorization="NOT-VALID").status == 401
    assert ask(url).status == 401


def test_unconfigured_errors_look_as_the_service_makes_them(cloud: Cloud, echo: str) -> None:
    api = Api(cloud)
    api.route("GET", "open", echo)
    answer = ask(api.deploy() + "/nowhere")

    assert (answer.status, answer.json()) == (403, {"message": "Missing Authentication Token"})


def test_default_4xx_applies_to_every_kind(cloud: Cloud, echo: str) -> None:
    api = Api(cloud)
    api.route("GET", "open", echo)
    api.response("DEFAULT_4XX", 400)

    problem(ask(api.deploy() + "/nowhere"), 400, "Missing Authentication Token")


@pytest.fixture(scope="module")
def binary(cloud: Cloud, echo: str) -> str:
    api = Api(cloud, binaryMediaTypes=["*/*"])
    for part in ("bytes", "echo"):
        api.route("POST", part, echo)
    api.route("GET", "echo", echo)
    api.route("GET", "slow", echo, timeout_ms=500)
    api.response("INTEGRATION_TIMEOUT", 504)
    api.response("REQUEST_TOO_LARGE", 413)
    return api.deploy()


def test_binary_bodies_survive_byte_for_byte(binary: str) -> None:
    body = b'{"id":"1"}' + bytes(range(256)) * 40 + "ä\r\n\0".encode()

    answer = ask(
        f"{binary}/bytes",
        "POST",
        body,
        Content_Type="application/octet-stream",
        Inference_Header_Content_Length="10",
        Accept="*/*",
    )

    assert answer.status == 200
    assert answer.body == body
    assert answer.headers["inference-header-content-length"] == "10"
    assert answer.headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b'{"a": "1 + 1 & 2", "b": [1, 2]}'),  # what `curl -d` calls it
        ("multipart/form-data; charset=utf-8; boundary=xyz", FORM),
    ],
)
def test_a_form_arrives_as_it_was_sent(binary: str, content_type: str, body: bytes) -> None:
    answer = ask(f"{binary}/bytes", "POST", body, Content_Type=content_type, Inference_Header_Content_Length="0")

    assert (answer.status, answer.body) == (200, body)


def test_every_body_arrives_as_base64_where_everything_is_binary(binary: str) -> None:
    text = ask(f"{binary}/echo", "POST", b'{"a":1}', Content_Type="application/json").json()
    empty = ask(f"{binary}/echo").json()

    assert text == {"authorizer": None, "base64": True, "length": 12, "path": "/echo"}
    assert (empty["base64"], empty["length"]) == (False, 0)


def test_text_stays_text_where_nothing_is_binary(cloud: Cloud, echo: str) -> None:
    api = Api(cloud)
    api.route("POST", "echo", echo)

    assert ask(api.deploy() + "/echo", "POST", b'{"a":1}').json()["base64"] is False


def test_a_slow_integration_is_504(binary: str) -> None:
    began = time.monotonic()
    answer = ask(f"{binary}/slow")

    problem(answer, 504, "Endpoint request timed out")
    assert time.monotonic() - began < 2.5


@pytest.mark.parametrize("megabytes", [5, 11])
def test_what_is_too_large_is_413(binary: str, megabytes: int) -> None:
    """11 MB is over API Gateway's limit; 5 MB is over Lambda's once it is base64."""
    answer = ask(f"{binary}/echo", "POST", b"x" * megabytes * 1024 * 1024, Content_Type="application/octet-stream")

    problem(answer, 413, "Request Too Long")
