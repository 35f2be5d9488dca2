package proof

import (
	"go/ast"
	"go/doc"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A reader of go doc finds each job of a package on its first page, and what its options
// are, which errors come back, and how a program that uses it is tested.
func TestPackageDocumentationHasItsHeadings(t *testing.T) {
	for _, pkg := range publicPackages() {
		t.Run("root/"+pkg, func(t *testing.T) {
			d := documentationOf(t, pkg)
			want := []string{"Jobs", "Options", "Errors", "Testing"}
			headings := slices.DeleteFunc(d.headings(d.Doc), func(h string) bool { return !slices.Contains(want, h) })
			assert.Equal(t, want, headings, "the headings of doc.go, in this order")
		})
	}
}

// Every job has an Example that calls it and whose output is compared, and the
// documentation of its package has a link to it.
func TestEveryJobHasAnExample(t *testing.T) {
	for _, pkg := range publicPackages() {
		t.Run("root/"+pkg, func(t *testing.T) {
			d := documentationOf(t, pkg)
			functions := d.functions()
			links, _ := d.linked(d.Doc)
			work := slices.Clone(jobs()[pkg])
			for name, f := range functions {
				if takesContext(f) && !isOperation(f) {
					work = append(work, name)
				}
			}
			for _, job := range work {
				f, exists := functions[job]
				if !assert.True(t, exists, "%s is no exported function of the package", job) {
					continue
				}
				if _, ok := notShown()[pkg+"."+job]; ok {
					continue
				}
				example := strings.ReplaceAll(job, ".", "_")
				if elsewhere, ok := shownElsewhere()[pkg][job]; ok {
					example = elsewhere
				} else {
					assert.True(t, slices.Contains(links, link{d.ImportPath, job}), "doc.go has no link [%s]", job)
				}
				e, exists := d.examples[example]
				if assert.True(t, exists, "%s has no Example%s", job, example) {
					assert.NotEmpty(t, e.Output, "Example%s has no // Output:, so that it is never run", example)
					assert.True(t, uses(e, f.Name), "Example%s does not call %s", example, job)
				}
			}
			for job := range shownElsewhere()[pkg] {
				assert.Contains(t, work, job, "shownElsewhere names what is no job")
			}
		})
	}
}

// The links of all doc comments lead to what exists.
func TestLinksOfTheDocumentationLead(t *testing.T) {
	packages := map[string]map[string]bool{}
	for _, pkg := range publicPackages() {
		packages[strings.TrimSuffix(module+"/"+pkg, "/")] = documentationOf(t, pkg).symbols()
	}
	for _, pkg := range publicPackages() {
		t.Run("root/"+pkg, func(t *testing.T) {
			d := documentationOf(t, pkg)
			for where, text := range d.comments() {
				links, broken := d.linked(text)
				assert.Empty(t, broken, "the comment of %s has brackets that are no links", where)
				for _, l := range links {
					symbols, ours := packages[l.path]
					assert.True(t, !ours || l.name == "" || symbols[l.name], "the comment of %s links to %s.%s, which does not exist", where, l.path, l.name)
				}
			}
		})
	}
}

// Every exported name has a comment of its own. A member of a struct may stand in that of
// the member before it or of the struct, which then names it.
func TestEverythingExportedIsDocumented(t *testing.T) {
	for _, pkg := range publicPackages() {
		t.Run("root/"+pkg, func(t *testing.T) {
			d := documentationOf(t, pkg)
			assert.NotEmpty(t, d.Doc)
			for name, f := range d.functions() {
				assert.True(t, f.Doc != "" || isOperation(f), "%s has no comment", name)
			}
			for _, typ := range d.Types {
				assert.NotEmpty(t, typ.Doc, "%s has no comment", typ.Name)
				for _, spec := range typ.Decl.Specs {
					if spec, ok := spec.(*ast.TypeSpec); ok {
						undocumentedMembers(t, typ, spec)
					}
				}
				undocumentedValues(t, slices.Concat(typ.Consts, typ.Vars))
			}
			undocumentedValues(t, slices.Concat(d.Consts, d.Vars))
		})
	}
}

func undocumentedMembers(t *testing.T, owner *doc.Type, spec *ast.TypeSpec) {
	t.Helper()
	var list *ast.FieldList
	switch typ := spec.Type.(type) {
	case *ast.StructType:
		list = typ.Fields
	case *ast.InterfaceType:
		if typ.Methods.NumFields() == 1 {
			return // the comment of the interface is the method's
		}
		list = typ.Methods
	default:
		return
	}
	said := ""
	for _, field := range list.List {
		if text := field.Doc.Text() + field.Comment.Text(); text != "" {
			said = text
			continue
		}
		for _, name := range field.Names {
			operation := strings.HasSuffix(owner.Name, "API")
			assert.True(t, !name.IsExported() || operation || mentions(said+owner.Doc, name.Name), "%s.%s has no comment", owner.Name, name.Name)
		}
	}
}

func undocumentedValues(t *testing.T, values []*doc.Value) {
	t.Helper()
	for _, v := range values {
		said := v.Doc
		for _, spec := range v.Decl.Specs {
			spec, ok := spec.(*ast.ValueSpec)
			if !ok {
				continue
			}
			if text := spec.Doc.Text() + spec.Comment.Text(); text != "" {
				said = text
				continue
			}
			for _, name := range spec.Names {
				assert.True(t, !name.IsExported() || said != "", "%s has no comment", name.Name)
			}
		}
	}
}

// mentions tells whether a text has a name as a word of its own, in capitals or not.
func mentions(text, name string) bool {
	return regexp.MustCompile(`(?i)\b` + regexp.QuoteMeta(name) + `\b`).MatchString(text)
}
