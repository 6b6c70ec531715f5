"""The edge of the local cloud: one process that does what CloudFront and the network load balancer do in AWS.

It learns what to do from the emulator's own API, as deployed: the CloudFront distribution says which path goes to
which origin, the load balancer's listeners and target groups say where gRPC goes. Nothing about the platform is
written here, so a mistake in the stacks shows here as it would in AWS.

`distribution` is the plan (pure), `origins` turns a plan into a local address, `proxy` carries it out;
`balancer` picks targets (pure), `forwarder` carries bytes; `configuration` keeps both plans fresh.
"""
