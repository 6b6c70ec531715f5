"""YAML documents as the reference system's own examples write them, and how they are read."""

import pytest
from dewpoint.documents.load import Documents, load_documents
from dewpoint.errors import InvalidDocument

# As the reference system's own examples write them
CENSUS = """\
kind: Model
name: "census"
payload:
  - "src/"
  - "requirements.txt"
  - "model.joblib"
runtime: "hydrosphere/serving-runtime-python-3.7:2.4.0"
install-command: "pip install -r requirements.txt"
training-data: "../../data/train.csv"
metadata:
  documentation: "https://example.org/census"
  timestamp: 1497440372794
  released: 2020-01-31
  final: true
contract:
  name: "predict"
  inputs:
    age:
      shape: scalar
      type: int64
      profile: numerical
    marital-status:
      shape: scalar
      type: string
      profile: categorical
    marital_status:
      shape: any
      type: string
    picture:
      shape: [-1, 224, 224, 3]
      type: double
      profile: IMAGE
  outputs:
    income:
      shape: scalar
      type: string
      profile: categorical
monitoring:
  - name: outliers
    config:
      monitoring-model: census-metric:1
      threshold: 0.97
      operator: "<="
monitoring-configuration:
  batch-size: 50
"""
PIPELINE = """\
kind: Application
name: Claims_app
metadata: {team: claims}
pipeline:
  - - model: claims-preprocessing:1
  - - model: claims-model:1
      weight: 80
      deployment-configuration: small
    - model: claims-model
      weight: 20
      deployment_config: small
"""
DEPLOYMENT = """\
kind: DeploymentConfiguration
name: full-example
hpa:
  minReplicas: 1
  maxReplicas: 4
  cpuUtilization: 80
deployment:
  replicaCount: 2
container:
  resources:
    limits: {cpu: 500m, memory: 2G}
    requests: {cpu: 0.25, memory: 1G}
  env: {FOO: bar, THREADS: 2}
pod:
  nodeSelector: {im: a_map}
  tolerations:
    - {effect: PreferNoSchedule, key: some_key, tolerationSeconds: 30}
"""


def load(text: str) -> Documents:
    return load_documents(["-"], lambda: text)


def faults(text: str) -> list[str]:
    with pytest.raises(InvalidDocument) as told:
        load(text)
    return list(told.value.faults)
