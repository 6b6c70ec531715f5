"""CloudFormation types that the community edition lacks, or serves without updates, so that a CDK stack deploys whole.

`resource` says what a type is: the API calls that create, update and delete it. `catalogue/` holds the types, one file
per area; `provider` runs them through boto3 against this cloud's own APIs, so the data planes see what was made;
`casting` fits CloudFormation's properties to an API's parameters by botocore's model. `amended` adds updates to types
that exist, `custom_resource` calls functions, `rollback` cleans up after a failed creation.
"""
