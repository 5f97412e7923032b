package clients

// The server under test: $MATINEE_ENDPOINT, or a `matinee up` of our own that ends with the test.

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func findBinary(t *testing.T) string {
	t.Helper()
	candidates := []string{os.Getenv("MATINEE_BINARY")}
	if candidates[0] == "" {
		candidates = []string{
			"../../../build/release/src/matinee", "../../../build/dev/src/matinee",
		}
	}
	for _, candidate := range candidates {
		if _, err := os.Stat(candidate); err == nil {
			absolute, err := filepath.Abs(candidate)
			if err != nil {
				t.Fatal(err)
			}
			return absolute
		}
	}
	t.Fatalf("no matinee program at any of %v", candidates)
	return ""
}

func freePort(t *testing.T) int {
	t.Helper()
	probe, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer probe.Close()
	return probe.Addr().(*net.TCPAddr).Port
}

// startServer returns the URL of a server that ends, with exit code 0, when the test does.
func startServer(t *testing.T) string {
	t.Helper()
	if url := os.Getenv("MATINEE_ENDPOINT"); url != "" {
		return url
	}
	port := freePort(t)
	command := exec.Command(findBinary(t), "up", "--port", fmt.Sprint(port), "--data",
		filepath.Join(t.TempDir(), "data"))
	command.Stderr = os.Stderr
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := command.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := command.Wait(); err != nil {
			t.Errorf("the server ended badly after SIGTERM: %v", err)
		}
	})
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil || !strings.Contains(line, fmt.Sprint(port)) {
		t.Fatalf("unexpected ready line %q: %v", line, err)
	}
	return fmt.Sprintf("http://127.0.0.1:%d", port)
}
