"""The local cloud: a LocalStack extension that runs functions, builds and tasks as real processes of one machine.

It stands below the AWS API line, so nothing above it knows that it is not AWS:

- `functions/` runs Lambda functions with AWS's own runtime client (awslambdaric);
- `gateway/`   completes REST APIs (authorizers, gateway responses, binary bodies) and keeps CloudFront's configuration;
- `stacks/`    adds the CloudFormation types that the community edition lacks;
- `engine/`, `builds/`, `tasks/` build and run images, for CodeBuild and ECS.

`python -m local_cloud` starts it.
"""
