// Command amishare checks an AMI and shares it.
package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/amishare"
)

func main() {
	ctx, client := context.Background(), ec2.New(ec2.Options{Region: "us-west-2"})
	fmt.Println(amishare.NewChecker(client).Check(ctx, hyperpodkit.ImageUse{Image: "ami-0123456789abcdef0"}))
	fmt.Println(amishare.NewSharer(client).Share(ctx, "ami-0123456789abcdef0", amishare.Accounts("444455556666")))
}
