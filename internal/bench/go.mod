module github.com/hyperpodkit/hyperpodkit/internal/bench

go 1.26.0

replace github.com/hyperpodkit/hyperpodkit => ../..

require (
	github.com/aws/aws-sdk-go-v2/service/sagemaker v1.287.1
	github.com/aws/smithy-go v1.28.8
	github.com/cenkalti/backoff/v5 v5.0.3
	github.com/hashicorp/terraform-plugin-sdk/v2 v2.40.1
	github.com/hyperpodkit/hyperpodkit v0.0.0-00010101000000-000000000000
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/aws/aws-sdk-go-v2 v1.47.8 // indirect
	github.com/aws/aws-sdk-go-v2/internal/configsources v1.5.11 // indirect
	github.com/aws/aws-sdk-go-v2/internal/endpoints/v2 v2.8.11 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
)
