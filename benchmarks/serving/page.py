"""The section of docs/benchmarks.md: tables from the results of one run, ratios first."""

from collections.abc import Mapping
from typing import Any

from benchmarks.report import table

OURS = "**Dewpoint, sklearn**"
PEER = "MLServer, gRPC"
TARGETS = {"gateway": 1.5, "servable": 3.0, "json": 10.0, "imports": 0.5}

HOW = """`make bench`, some eight minutes once the peers are installed under build/. scikit-learn models on iris; every
server answers one row of four numbers with its label. One client for all: own HTTP/2 and HTTP/1.1 connections in a
closed loop (benchmarks/serving/load.py, 15 µs of the processor a call), on a processor of its own; the server under
test alone on another, all others frozen. Medians over interleaved rounds; every answer is compared with the model's.
*Processor* is the server's user and system time per call, the number that a busy machine changes least."""

SERVERS = """### The servable and its peers

One process, one processor each. *× MLServer* is calls a second against MLServer's gRPC on the same model in the same
rounds. The range is that of the rounds."""

FOREST = "### The same, a random forest of 100 trees"

PROCESSORS = """### Two processors

16 connections, nobody pinned; the client shares the processors. A servable is one process: replicas are what scales
(docs/decisions/0029)."""

SIZES = """### Larger payloads

One connection, milliseconds a call (p50)."""

GATEWAY = """### What the gateway adds

The gateway process of production over gRPC: API key, tables (moto's server) read twice a second, validation of inputs
and outputs, one observation per call, signed and sent (queue and store are a double, 8 ms away). It shares the client's
processor with moto and the double, the servable has its own. *Added* is the p50 through the gateway less the p50 of a
direct call in the same rounds; *silent* is with `x-dewpoint-observe: false`."""

INSIDE = """### Within one process

Processor time. JSON: from the bytes of a request with 100,000 floats to the validated tensor. Import: a fresh
interpreter imports the function from its zip's content."""


def page(results: Mapping[str, Any]) -> str:
    versions = "; ".join(
        ", ".join(f"{package} {version}" for package, version in found.items())
        for found in results["versions"].values()
    )
    parts = [
        "## Serving",
        HOW,
        f"Machine: {results['machine']}. Peers: {versions}.",
        _targets(results),
        SERVERS,
        _servers(results["servers"]),
        FOREST,
        _servers(results["forest"]),
        PROCESSORS,
        _servers(results["processors"]),
        SIZES,
        _sizes(results["sizes"]),
        GATEWAY,
        _gateway(results["gateway"]),
        _published(results["gateway"]),
        INSIDE,
        _inside(results),
        "### Where the time goes",
        _where(results),
    ]
    return "\n\n".join(parts)


def _targets(results: Mapping[str, Any]) -> str:
    ways = results["gateway"]["1 row, 1 connection"]
    added = ways["gateway"]["p50"] - ways["direct"]["p50"]
    servers = results["servers"]["16"]
    ratio = servers[OURS]["rate"] / servers[PEER]["rate"]
    slowest_json = max(results["json"].values())
    slowest_import = max(results["imports"].values())
    rows = [
        ("servable against MLServer's gRPC, 16 connections", "≥ 3 ×", f"{ratio:.1f} ×", ratio >= TARGETS["servable"]),
        ("the gateway adds, gRPC, validation on (p50)", "≤ 1.5 ms", f"{added:.2f} ms", added <= TARGETS["gateway"]),
        ("JSON of 100,000 floats to a tensor, slowest form", "≤ 10 ms", f"{slowest_json:.1f} ms", slowest_json <= 10),
        ("import of a thin function, slowest", "≤ 0.5 s", f"{slowest_import:.2f} s", slowest_import <= 0.5),
    ]
    return table(
        ["target", "wanted", "reached", ""], [(a, b, c, "yes" if reached else "**no**") for a, b, c, reached in rows]
    )


def _servers(measured: Mapping[str, Any]) -> str:
    connections = [key for key in measured if key != "memory"]
    head = ["server"]
    for number in connections:
        head += [f"× MLServer, {number} conn.", "calls/s (range)", "p50 ms", "p99 ms", "processor ms"]
    rows = []
    for name in measured[connections[0]]:
        row = [name]
        for number in connections:
            one, peer = measured[number][name], measured[number][PEER]
            row.append(f"**{one['rate'] / peer['rate']:.1f}**")
            row.append(f"{one['rate']:,.0f} ({one['rate_low']:,.0f}–{one['rate_high']:,.0f})")
            row += [f"{one['p50']:.2f}", f"{one['p99']:.1f}", f"{one['cpu']:.2f}"]
        rows.append([*row, f"{measured['memory'][name]:.0f}"])
    return table([*head, "MiB"], rows)


def _sizes(measured: Mapping[str, Any]) -> str:
    sizes = list(measured)
    head = ["server", *(column for size in sizes for column in (f"× MLServer, {size}", "p50 ms"))]
    rows = []
    for name in measured[sizes[0]]:
        row = [name]
        for size in sizes:
            row.append(f"**{measured[size][PEER]['p50'] / measured[size][name]['p50']:.1f}**")
            row.append(f"{measured[size][name]['p50']:.2f}")
        rows.append(row)
    return table(head, rows)


def _gateway(measured: Mapping[str, Any]) -> str:
    head = ["sent", "added ms", "added, silent ms", "direct p50 (range)", "gateway p50 (range)", "p99", "calls/s"]
    rows = []
    for sent, ways in measured.items():
        if sent == "published":
            continue
        direct, gateway, silent = ways["direct"], ways["gateway"], ways["silent"]
        rows.append(
            [
                sent,
                f"**{gateway['p50'] - direct['p50']:.2f}**",
                f"{silent['p50'] - direct['p50']:.2f}",
                _range(direct),
                _range(gateway),
                f"{gateway['p99']:.1f}",
                f"{gateway['rate']:,.0f}",
            ]
        )
    return table(head, rows)


def _published(measured: Mapping[str, Any]) -> str:
    made = sum(ways["gateway"]["calls"] for sent, ways in measured.items() if sent != "published")
    return f"{made:,} calls were to be observed; the queue took {measured['published']:,} messages."


def _range(one: Mapping[str, float]) -> str:
    return f"{one['p50']:.2f} ({one['p50_low']:.2f}–{one['p50_high']:.2f})"


def _inside(results: Mapping[str, Any]) -> str:
    rows = [[f"JSON to tensor: {form}", f"{taken:.1f} ms"] for form, taken in results["json"].items()]
    rows += [[f"import, {entry}", f"{taken * 1000:.0f} ms"] for entry, taken in results["imports"].items()]
    return table(["", "processor time"], rows)


def _where(results: Mapping[str, Any]) -> str:
    servers = results["servers"]["16"]
    floor, ours, peer = (servers[name]["cpu"] for name in ("a bare grpcio server, no model", OURS, PEER))
    ways = results["gateway"]["1 row, 16 connections"]
    gateway, silent = ways["gateway"]["cpu"], ways["silent"]["cpu"]
    return f"""- At 16 connections a call of our servable takes {ours:.2f} ms of a processor, of MLServer {peer:.2f}. A
  grpcio server that does nothing takes {floor:.2f} ms: threads that hand calls to one another, and their poller.
- scikit-learn checks its input for longer than a small model computes (0.15 ms a call; 7 ms for a forest of 100 trees).
  The sklearn runtime passes the checks by where the result is the same to the last bit (docs/decisions/0029).
- In the gateway process a call takes {gateway:.2f} ms of the processor, {silent:.2f} ms without its observation. Some
  0.1 ms are our own code (validation, routing, the access log), the rest is grpcio as a server and as a client.
- Observations leave ten to a call. Signed and sent one by one they took more of the processor than the predictions."""
