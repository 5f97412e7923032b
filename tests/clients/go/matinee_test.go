package clients

// One Matinee for all tests of the package, with which it ends; an account for each test, so that
// they can run in parallel.

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
)

var matinee = sync.OnceValues(func() (string, error) {
	binary := os.Getenv("MATINEE_BINARY")
	if binary == "" {
		binary = "matinee"
	}
	server := exec.Command(binary, "up", "--port", "0", "--durability", "memory",
		"--format", "json", "--exit-with-parent")
	server.Stderr = os.Stderr
	output, err := server.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := server.Start(); err != nil {
		return "", err
	}
	var ready struct{ Address string }
	err = json.NewDecoder(output).Decode(&ready)
	return ready.Address, err
})

var accounts atomic.Int64

// emptyCloud returns the address of the cloud and an access key: one of 12 digits is an account,
// which has nothing yet, and whose things are gone after the test.
func emptyCloud(t *testing.T) (address, accessKey string) {
	t.Helper()
	address, err := matinee()
	if err != nil {
		t.Fatal(err)
	}
	accessKey = fmt.Sprintf("%012d", accounts.Add(1))
	t.Cleanup(func() {
		reply, err := http.Post(address+"/_matinee/reset?account="+accessKey, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		reply.Body.Close()
		if reply.StatusCode != http.StatusOK {
			t.Errorf("the reset has failed: %s", reply.Status)
		}
	})
	return address, accessKey
}
