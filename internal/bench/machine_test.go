package bench

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// machine says what the figures were measured on that no test can hold.
func machine() string {
	processor := runtime.GOARCH
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
				processor = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("CPU and memory were measured with %s on %s, %d × %s.\n", runtime.Version(), runtime.GOOS, runtime.NumCPU(), processor)
}
