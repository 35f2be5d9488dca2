package proof_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// public are the packages that users import.
var public = []string{
	".", "hyperpod", "hyperpod/rollout", "hyperpod/hyperpodtest", "amishare", "amishare/amisharetest", "policy", "waiter", "waiter/poll",
}

// exported are the exported types of a package with their methods.
func exported(t *testing.T, dir string) (types map[string]ast.Expr, methods map[string][]string) {
	types, methods = map[string]ast.Expr{}, map[string][]string{}
	paths, err := filepath.Glob(filepath.Join("..", "..", dir, "*.go"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		require.NoError(t, err)
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv != nil && d.Name.IsExported() {
					methods[receiver(d.Recv.List[0].Type)] = append(methods[receiver(d.Recv.List[0].Type)], d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if typ, ok := spec.(*ast.TypeSpec); ok && typ.Name.IsExported() {
						types[typ.Name.Name] = typ.Type
					}
				}
			}
		}
	}
	return types, methods
}

func receiver(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.StarExpr:
		return receiver(x.X)
	case *ast.IndexExpr:
		return receiver(x.X)
	case *ast.Ident:
		return x.Name
	default:
		return ""
	}
}

// What a program logs or marshals reads alike, whichever package it comes from.
func TestPackagesSpeakAlike(t *testing.T) {
	// Parts of a report, which logs them, and an error that is nothing but its cause.
	parts := []string{"rollout.WaveReport", "rollout.TargetReport", "rollout.GroupReport", "amishare.ImageReport", "rollout.RefusedError"}
	said := []string{"hyperpod.NodeDetail", "policy.Attachment"} // by callers, and told to nobody
	for _, dir := range public {
		types, methods := exported(t, dir)
		for name, typ := range types {
			at := filepath.Base(dir) + "." + name
			_, isStruct := typ.(*ast.StructType)
			if isStruct && (strings.HasSuffix(name, "Error") || strings.HasSuffix(name, "Report") || name == "Event") && !slices.Contains(parts, at) {
				assert.Contains(t, methods[name], "LogValue", "%s: events, reports and errors log their members", at)
			}
			if id, ok := typ.(*ast.Ident); ok && id.Name == "uint8" && !slices.Contains(said, at) {
				assert.Contains(t, methods[name], "String", "%s: a kind prints as a word", at)
				assert.Contains(t, methods[name], "MarshalText", "%s: a kind marshals as a word", at)
			}
		}
	}
}

// An operation that a fake lacks says whose it is.
func TestFakesNameTheirPackage(t *testing.T) {
	const what = "operation not implemented by this fake"
	found := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Base(path) != "api.go" {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && strings.Contains(lit.Value, what) {
				found++
				assert.Equal(t, `"`+file.Name.Name+": "+what+`"`, lit.Value, path)
			}
			return true
		})
		return nil
	})
	require.NoError(t, err)
	assert.Positive(t, found)
}
