package readme_test

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/examples/internal/readme"
)

var update = flag.Bool("update", false, "write the code of the tests into README.md")

// root is the folder of README.md.
var root = filepath.Join("..", "..", "..")

func page(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	return string(text)
}

var piece = regexp.MustCompile(`(?ms)^\t*//readme:start ([a-z-]+)\n(.*?)^\t*//readme:end\n`)

// pieces is the code of this package that README.md shows, by name, without the
// indentation that all lines have.
func pieces(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	all := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range piece.FindAllStringSubmatch(string(text), -1) {
			require.NotContains(t, all, m[1], "two pieces of this name")
			all[m[1]] = strings.TrimRight(dedent(m[2]), "\n") + "\n"
		}
	}
	return all
}

func dedent(code string) string {
	for strings.HasPrefix(code, "\t") {
		lines := strings.SplitAfter(code, "\n")
		for i, line := range lines {
			short, indented := strings.CutPrefix(line, "\t")
			if !indented && strings.TrimSpace(line) != "" {
				return code
			}
			lines[i] = short
		}
		code = strings.Join(lines, "")
	}
	return code
}

// Every block of Go is a piece of a test, and every piece is shown.
func TestCodeIsTested(t *testing.T) {
	text, code := page(t), pieces(t)
	require.NotEmpty(t, code)
	shown := map[string]bool{}
	var written strings.Builder
	at := 0
	for _, block := range readme.Blocks(text) {
		if block.Language != "go" {
			assert.NotEqual(t, "code", block.Kind, "%s is %s", block.Name, block.Language)
			continue
		}
		require.Equal(t, "code", block.Kind, "no <!-- code: NAME --> above\n%s", block.Text)
		require.Contains(t, code, block.Name, "no test has this piece")
		require.False(t, shown[block.Name], "%s is shown twice", block.Name)
		shown[block.Name] = true
		if !*update {
			assert.Equal(t, code[block.Name], block.Text, "%s: go test ./examples/internal/readme -update writes it anew", block.Name)
		}
		written.WriteString(text[at:block.Start] + code[block.Name])
		at = block.End
	}
	written.WriteString(text[at:])
	assert.ElementsMatch(t, slices.Collect(maps.Keys(code)), slices.Collect(maps.Keys(shown)), "pieces that README.md does not show")
	if *update && written.String() != text {
		require.NoError(t, os.WriteFile(filepath.Join(root, "README.md"), []byte(written.String()), 0o644))
		t.Fatal("README.md was written anew: read the diff, and run this again without -update")
	}
}

// A job is shown in ten lines.
func TestPiecesAreShort(t *testing.T) {
	for name, code := range pieces(t) {
		lines := strings.Count(code, "\n")
		if strings.HasPrefix(name, "test-") {
			continue // a whole test
		}
		assert.LessOrEqual(t, lines, 10, name)
	}
}

var packages = map[string]string{
	"hyperpodkit": ".", "hyperpod": "hyperpod", "hyperpodtest": "hyperpod/hyperpodtest", "rollout": "hyperpod/rollout",
	"amishare": "amishare", "amisharetest": "amishare/amisharetest", "policy": "policy", "waiter": "waiter", "poll": "waiter/poll",
}

// exported is what a package declares for others: names, and Type.Name for methods, for
// members of structs and for those of interfaces.
func exported(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
	require.NoError(t, err)
	names := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, decl := range parsed.Decls {
			declared(decl, names)
		}
	}
	return names
}

func declared(decl ast.Decl, names map[string]bool) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		name := d.Name.Name
		if d.Recv != nil {
			receiver := d.Recv.List[0].Type
			if star, ok := receiver.(*ast.StarExpr); ok {
				receiver = star.X
			}
			if ident, ok := receiver.(*ast.Ident); ok {
				name = ident.Name + "." + name
			}
		}
		names[name] = true
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.ValueSpec:
				for _, name := range s.Names {
					names[name.Name] = true
				}
			case *ast.TypeSpec:
				names[s.Name.Name] = true
				members(s, names)
			}
		}
	}
}

func members(s *ast.TypeSpec, names map[string]bool) {
	var fields *ast.FieldList
	switch typ := s.Type.(type) {
	case *ast.StructType:
		fields = typ.Fields
	case *ast.InterfaceType:
		fields = typ.Methods
	default:
		return
	}
	for _, field := range fields.List {
		if embedded, ok := field.Type.(*ast.Ident); ok && len(field.Names) == 0 {
			names[s.Name.Name+"."+embedded.Name] = true
		}
		for _, name := range field.Names {
			names[s.Name.Name+"."+name.Name] = true
		}
	}
}

var (
	spoken = regexp.MustCompile("`([^`\n]+)`")
	symbol = regexp.MustCompile(`\b([a-z]+)\.([A-Z]\w*(?:\.[A-Z]\w*)?)`)
)

// What the text names as a part of the library is one.
func TestNamesExist(t *testing.T) {
	known := map[string]map[string]bool{}
	for name, dir := range packages {
		known[name] = exported(t, dir)
	}
	found := 0
	for _, code := range spoken.FindAllStringSubmatch(page(t), -1) {
		for _, m := range symbol.FindAllStringSubmatch(code[1], -1) {
			names, ours := known[m[1]]
			if !ours {
				continue
			}
			found++
			assert.True(t, names[m[2]], "README.md names %s, which there is not", m[0])
		}
	}
	assert.NotZero(t, found)
}

var (
	link    = regexp.MustCompile(`(?:\]\(|src=")([^)"\s]+)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	unsaid  = regexp.MustCompile(`[^a-z0-9 -]`)
)

// What the page links of this repository is there.
func TestLinksLead(t *testing.T) {
	text := page(t)
	anchors := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		anchors["#"+strings.ReplaceAll(unsaid.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-")] = true
	}
	for _, block := range readme.Blocks(text) {
		text = strings.Replace(text, block.Text, "", 1) // in which brackets mean something else
	}
	for _, m := range link.FindAllStringSubmatch(text, -1) {
		switch target := m[1]; {
		case strings.HasPrefix(target, "https://"):
		case strings.HasPrefix(target, "#"):
			assert.True(t, anchors[target], "no heading for %s", target)
		default:
			_, err := os.Stat(filepath.Join(root, target))
			assert.NoError(t, err)
		}
	}
}
