package proof

import (
	"cmp"
	"go/ast"
	"go/doc"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// publicPackages are those that users import, by their folder.
func publicPackages() []string {
	return []string{
		"", "hyperpod", "hyperpod/rollout", "hyperpod/hyperpodtest", "amishare", "amishare/amisharetest", "policy", "waiter", "waiter/poll",
	}
}

// documentation is a package as godoc sees it, with the Examples of its tests.
type documentation struct {
	*doc.Package
	examples map[string]*doc.Example
}

func documentationOf(t *testing.T, pkg string) documentation {
	t.Helper()
	folder := filepath.Join("..", "..", filepath.FromSlash(pkg))
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	files := token.NewFileSet()
	var sources, tests []*ast.File
	for _, e := range entries {
		if e.IsDir() || !strings.HasSuffix(e.Name(), ".go") {
			continue
		}
		file, err := parser.ParseFile(files, filepath.Join(folder, e.Name()), nil, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		if strings.HasSuffix(e.Name(), "_test.go") {
			tests = append(tests, file)
		} else {
			sources = append(sources, file)
		}
	}
	d := documentation{examples: map[string]*doc.Example{}}
	for _, e := range doc.Examples(tests...) {
		d.examples[e.Name] = e
	}
	d.Package, err = doc.NewFromFiles(files, sources, strings.TrimSuffix(module+"/"+pkg, "/"))
	require.NoError(t, err)
	return d
}

// functions are the exported functions and methods, by the name that a link gives them.
func (d documentation) functions() map[string]*doc.Func {
	found := map[string]*doc.Func{}
	add := func(receiver string, fs []*doc.Func) {
		for _, f := range fs {
			found[receiver+f.Name] = f
		}
	}
	add("", d.Funcs)
	for _, typ := range d.Types {
		add("", typ.Funcs)
		add(typ.Name+".", typ.Methods)
	}
	return found
}

// symbols are the names that a link may have.
func (d documentation) symbols() map[string]bool {
	found := map[string]bool{}
	for name := range d.functions() {
		found[name] = true
	}
	values := func(vs []*doc.Value) {
		for _, v := range vs {
			for _, name := range v.Names {
				found[name] = true
			}
		}
	}
	values(d.Consts)
	values(d.Vars)
	for _, typ := range d.Types {
		found[typ.Name] = true
		values(typ.Consts)
		values(typ.Vars)
		for _, spec := range typ.Decl.Specs {
			if spec, ok := spec.(*ast.TypeSpec); ok {
				for name := range members(spec) {
					found[typ.Name+"."+name] = true
				}
			}
		}
	}
	return found
}

// members are the exported fields of a struct, or the methods of an interface.
func members(spec *ast.TypeSpec) map[string]*ast.Field {
	var list *ast.FieldList
	switch typ := spec.Type.(type) {
	case *ast.StructType:
		list = typ.Fields
	case *ast.InterfaceType:
		list = typ.Methods
	default:
		return nil
	}
	found := map[string]*ast.Field{}
	for _, field := range list.List {
		for _, name := range field.Names {
			if name.IsExported() {
				found[name.Name] = field
			}
		}
	}
	return found
}

// takes tells whether a function has a parameter of a package's type, such as
// context.Context, or *sagemaker.…Input.
func takes(f *doc.Func, is func(pkg, name string) bool) bool {
	return slices.ContainsFunc(f.Decl.Type.Params.List, func(field *ast.Field) bool {
		typ := field.Type
		if star, ok := typ.(*ast.StarExpr); ok {
			typ = star.X
		}
		selector, ok := typ.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		pkg, ok := selector.X.(*ast.Ident)
		return ok && is(pkg.Name, selector.Sel.Name)
	})
}

func takesContext(f *doc.Func) bool {
	return takes(f, func(pkg, name string) bool { return pkg == "context" && name == "Context" })
}

// isOperation tells whether a function is an operation of AWS with the SDK's own
// signature: what it does is the SDK's to show.
func isOperation(f *doc.Func) bool {
	return takes(f, func(pkg, name string) bool { return (pkg == "sagemaker" || pkg == "ec2") && name == f.Name+"Input" })
}

// uses tells whether an Example calls a function or method of that name.
func uses(e *doc.Example, name string) bool {
	found := false
	ast.Inspect(e.Code, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok && selector.Sel.Name == name {
			found = true
		}
		return true
	})
	return found
}

// link is where a link of a comment leads: a package, and a symbol of it unless it is the
// package that is meant.
type link struct{ path, name string }

// linked are the links of a comment. What looks like one and is none comes as it was
// written.
func (d documentation) linked(text string) (links []link, broken []string) {
	bracketed := regexp.MustCompile(`\[\*?(?:[a-z][\w/.]*\.)?[A-Z]\w*(?:\.\w+)*\]`)
	var walk func(texts []comment.Text)
	walk = func(texts []comment.Text) {
		for _, part := range texts {
			switch part := part.(type) {
			case *comment.DocLink:
				links = append(links, link{cmp.Or(part.ImportPath, d.ImportPath), strings.TrimPrefix(part.Recv+"."+part.Name, ".")})
			case *comment.Link:
				walk(part.Text)
			case comment.Plain:
				broken = append(broken, bracketed.FindAllString(string(part), -1)...)
			case comment.Italic:
			}
		}
	}
	var blocks func(list []comment.Block)
	blocks = func(list []comment.Block) {
		for _, b := range list {
			switch b := b.(type) {
			case *comment.Heading:
				walk(b.Text)
			case *comment.Paragraph:
				walk(b.Text)
			case *comment.List:
				for _, item := range b.Items {
					blocks(item.Content)
				}
			case *comment.Code:
			}
		}
	}
	blocks(d.Parser().Parse(text).Content)
	return links, broken
}

// headings are those of a comment, as godoc recognises them.
func (d documentation) headings(text string) []string {
	var found []string
	for _, b := range d.Parser().Parse(text).Content {
		heading, ok := b.(*comment.Heading)
		if !ok || len(heading.Text) != 1 {
			continue
		}
		if text, ok := heading.Text[0].(comment.Plain); ok {
			found = append(found, string(text))
		}
	}
	return found
}

// comments are the doc comments of a package, by what they document.
func (d documentation) comments() map[string]string {
	found := map[string]string{"package " + d.Name: d.Doc}
	for name, f := range d.functions() {
		found[name] = f.Doc
	}
	for _, typ := range d.Types {
		found[typ.Name] = typ.Doc
		for _, v := range slices.Concat(typ.Consts, typ.Vars) {
			found[strings.Join(v.Names, ", ")] = v.Doc
		}
		for _, spec := range typ.Decl.Specs {
			if spec, ok := spec.(*ast.TypeSpec); ok {
				for name, field := range members(spec) {
					found[typ.Name+"."+name] = field.Doc.Text()
				}
			}
		}
	}
	for _, v := range slices.Concat(d.Consts, d.Vars) {
		found[strings.Join(v.Names, ", ")] = v.Doc
	}
	return found
}
