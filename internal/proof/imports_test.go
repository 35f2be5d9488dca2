package proof

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	module = "github.com/hyperpodkit/hyperpodkit"
	sdk    = "github.com/aws/aws-sdk-go-v2"
)

// deps are the packages that a package of this module is built from, itself left
// out. Tests may import what they like.
func deps(t *testing.T, pkg string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", strings.TrimSuffix(module+"/"+pkg, "/")).Output()
	require.NoError(t, err)
	all := strings.Fields(string(out))
	return slices.DeleteFunc(all, func(p string) bool { return p == strings.TrimSuffix(module+"/"+pkg, "/") })
}

// standard tells whether a package belongs to the standard library.
func standard(pkg string) bool {
	first, _, _ := strings.Cut(pkg, "/")
	return !strings.Contains(first, ".")
}

// Importing a service of the SDK costs half a minute of compile time and megabytes of
// program; that is why who imports what is a rule.
func TestWhoImportsWhat(t *testing.T) {
	const (
		sagemaker = sdk + "/service/sagemaker"
		ec2       = sdk + "/service/ec2"
	)
	tests := []struct {
		pkg     string
		forbids []string // prefixes
	}{
		{"", []string{module, sdk, "github.com/aws"}},
		{"policy", []string{module + "/hyperpod", module + "/amishare", module + "/waiter", sdk, "github.com/aws"}},
		{"waiter/poll", []string{module, sdk, "github.com/aws"}},
		{"waiter", []string{ec2, module + "/hyperpod", module + "/amishare", module + "/policy"}},
		{"hyperpod", []string{ec2, module + "/amishare", module + "/policy", module + "/internal/emul"}},
		{"amishare", []string{sagemaker, module + "/hyperpod", module + "/policy", module + "/internal/emul"}},
		{"hyperpod/hyperpodtest", []string{ec2, module + "/amishare", module + "/waiter"}},
		{"amishare/amisharetest", []string{sagemaker, module + "/hyperpod", module + "/waiter"}},
		{"internal/awserr", []string{sagemaker, ec2, module}},
		{"internal/emul", []string{sdk, module + "/hyperpod", module + "/amishare", module + "/waiter"}},
	}
	for _, tt := range tests {
		t.Run("root/"+tt.pkg, func(t *testing.T) {
			for _, dep := range deps(t, tt.pkg) {
				for _, prefix := range tt.forbids {
					assert.False(t, dep == prefix || strings.HasPrefix(dep, prefix+"/"), "%s imports %s", tt.pkg, dep)
				}
			}
		})
	}
}

func TestPackagesOnTheStandardLibraryAlone(t *testing.T) {
	for _, pkg := range []string{"", "policy", "waiter/poll", "internal/nearest"} {
		for _, dep := range deps(t, pkg) {
			own := strings.HasPrefix(dep, module+"/"+pkg+"/") || dep == module+"/internal/nearest" // itself of the standard library
			assert.True(t, standard(dep) || own, "%q imports %s", pkg, dep)
		}
	}
}

// An emulator of the one service does not know the other: they meet on builtin types.
func TestEmulatorsDoNotKnowTheLibrary(t *testing.T) {
	assert.NotContains(t, deps(t, "hyperpod/hyperpodtest"), module+"/hyperpod")
	assert.NotContains(t, deps(t, "amishare/amisharetest"), module+"/amishare")
}

// Nothing a program is built from is there for tests only. hyperpodtest runs subtests
// in RunConformance.
func TestNoTestLibraryInThePackages(t *testing.T) {
	for _, pkg := range []string{"", "hyperpod", "hyperpod/hyperpodtest", "amishare", "amishare/amisharetest", "policy", "waiter", "waiter/poll"} {
		for _, dep := range deps(t, pkg) {
			assert.False(t, strings.HasPrefix(dep, "github.com/stretchr/") || dep == "testing" && pkg != "hyperpod/hyperpodtest", "%q imports %s", pkg, dep)
		}
	}
}
