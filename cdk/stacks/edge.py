"""The one public HTTP address: CloudFront before the API and, at every other path, before the web UI's bucket."""

from aws_cdk import CfnOutput, RemovalPolicy
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk.accepted import accept
from cdk.environments import Environment
from cdk.stacks.api import STAGE, Api
from cdk.stacks.platform_stack import PlatformStack

API_PATHS = ("/v2*", "/gateway*", "/api*", "/monitoring*")


class Edge(PlatformStack):
    """No custom error pages: CloudFront would put them over the API's problem documents, too."""

    def __init__(self, scope: Construct, name: str, *, environment: Environment, api: Api) -> None:
        super().__init__(scope, name, environment)
        bucket = self._bucket(environment)
        behavior = self._api_behavior(api)
        certificate = environment.edge_certificate
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=environment.prefix,
            default_behavior=cloudfront.BehaviorOptions(
                origin=origins.S3BucketOrigin.with_origin_access_control(bucket),
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
                response_headers_policy=cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS,
            ),
            additional_behaviors=dict.fromkeys(API_PATHS, behavior),
            default_root_object="index.html",
            price_class=cloudfront.PriceClass.PRICE_CLASS_100,
            domain_names=[environment.edge_domain] if environment.edge_domain else None,
            certificate=acm.Certificate.from_certificate_arn(self, "Tls", certificate) if certificate else None,
        )
        self._accept(bucket, certificate)
        CfnOutput(self, "DistributionDomain", value=self.distribution.distribution_domain_name)
        CfnOutput(self, "UiBucket", value=bucket.bucket_name)

    def _accept(self, bucket: s3.IBucket, certificate: str | None) -> None:
        accept(bucket, "It holds the web UI's public files, and only CloudFront reads it.", "S1")
        accept(self.distribution, "Models are served wherever their users are.", "CFR1")
        accept(self.distribution, "A web ACL is paid by the month; every call needs an API key without one.", "CFR2")
        accept(self.distribution, "API Gateway logs every call that reaches a model.", "CFR3")
        if not certificate:
            accept(self.distribution, "CloudFront's own certificate fixes the versions of TLS: set your own.", "CFR4")

    def _bucket(self, environment: Environment) -> s3.Bucket:
        return s3.Bucket(
            self,
            "Ui",
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            removal_policy=RemovalPolicy.RETAIN if environment.keeps_data else RemovalPolicy.DESTROY,
        )

    def _api_behavior(self, api: Api) -> cloudfront.BehaviorOptions:
        host = f"{api.rest_api.rest_api_id}.execute-api.{self.region}.{self.url_suffix}"
        return cloudfront.BehaviorOptions(
            origin=origins.HttpOrigin(host, origin_path=f"/{STAGE}"),
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            # API Gateway knows its APIs by host name, so the viewer's must not reach it
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
        )
