"""What is wrong with a document is told at once, each fault with its line."""

import pytest

from tests.unit.sdk.documents import CENSUS, PIPELINE, faults, load


def test_everything_wrong_is_told_at_once_with_its_line() -> None:
    text = (
        CENSUS.replace("type: int64", "type: integer64")
        .replace('name: "census"', "name: Census!")
        .replace("install-command", "instal-command")
        .replace("batch-size: 50", "batch-size: many")
        .replace("shape: any", "shape: [0, -2]")
        .replace("threshold: 0.97", "threshold: high")
        .replace('"<="', '"=<"')
        .replace("profile: IMAGE", "profile: painting")
    )
    told = faults(f"{text}---\nkind: Modell\n")
    for place, words in (
        ("standard input:2 name", "received 'Census!'"),
        ("standard input:8 instal-command", "did you mean install-command?"),
        ("standard input:20 contract.inputs.age.type", "unknown type 'integer64'"),
        ("standard input:27 contract.inputs.marital_status.shape", "unknown shape [0, -2]"),
        ("standard input:32 contract.inputs.picture.profile", "unknown profile 'painting'"),
        ("standard input:42 monitoring[0].config.threshold", "expected a finite number"),
        ("standard input:43 monitoring[0].config.operator", "received '=<'"),
        ("standard input:45 monitoring-configuration.batch-size", "received 'many'"),
        ("standard input:47 kind", "expected one of Model, ExternalModel, Application, DeploymentConfiguration"),
    ):
        assert any(fault.startswith(f"{place}: ") and words in fault for fault in told), (place, words, told)
    assert len(told) == 9


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kind: Application\nname: a\n", "either singular or pipeline"),
        ("kind: Application\nname: a\nsingular: {model: 'm:1'}\npipeline: [[{model: 'm:1'}]]\n", "either singular"),
        ("kind: Application\nname: a\npipeline: [[{model: m, weight: 50}, {model: n, weight: 20}]]\n", "received 70"),
        ("kind: Application\nname: a\npipeline: [[{model: m, weight: 101}, {model: n, weight: 0}]]\n", "0 to 100"),
        ("kind: Application\nname: a\npipeline: [[]]\n", "expected a list of variants"),
        ("kind: Application\nname: a\nsingular: {model: 'm:one'}\n", "'m:one' is not a model version"),
        ("kind: Application\nname: a\nsingular: m\n", "expected a mapping, received 'm'"),
        ("kind: Application\nname: 7\nsingular: {model: m}\n", "expected a text, received 7"),
        ("kind: Model\n", "name is missing"),
        ("kind: Model\nname: m\nruntime: r\npayload: [a]\ncontract: {inputs: {}, outputs: {y: {}}}\n", "at least one"),
        ("kind: Model\nname: m\nruntime: r\npayload: a\ncontract: {}\n", "expected a list with something in it"),
        ("kind: Model\nname: m\nname: n\n", "name: stands twice"),
        ("name: nameless\n", "kind is missing"),
        ("- a\n- b\n", "expected a mapping, received a list of 2"),
        ("kind: [\n", "is not YAML"),
        ("", "holds no document"),
        (f"{PIPELINE}---\n{PIPELINE}", "Application 'Claims_app' stands twice"),
    ],
)
def test_a_document_that_is_refused(text: str, words: str) -> None:
    assert words in "\n".join(faults(text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: &a [*a]", "standard input:1: nested more than 50 deep"),
        ("a: " + "[" * 3000 + "]" * 3000, "nested too deeply"),
        (
            "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)),
            "holds more than 100000 values",
        ),
    ],
    ids=["itself", "deep", "many"],
)
def test_k09_yaml_that_has_no_end_is_refused(text: str, words: str) -> None:
    assert words in "\n".join(faults(text))


def test_k10_a_key_in_two_spellings_is_a_fault_and_names_are_not() -> None:
    twice = CENSUS.replace("install-command:", "install_command: x\ninstall-command:")
    assert faults(twice) == ["standard input:8 install_command: says the same as install-command; keep one of them"]
    [model] = load(CENSUS.replace("  final: true", "  a_b: 1\n  a-b: 2")).models
    assert model.metadata is not None
    assert (model.metadata["a_b"], model.metadata["a-b"]) == ("1", "2")


def test_python_in_yaml_is_refused_and_not_run(tmp_path: object) -> None:
    assert "is not YAML" in faults("kind: !!python/object/apply:os.system ['exit 1']\n")[0]
