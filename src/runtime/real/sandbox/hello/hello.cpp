// The smallest program that says something, as tests measure how soon a sandbox lets one do that.
#include <unistd.h>

int main() {
  return ::write(STDOUT_FILENO, "hello\n", 6) == 6 ? 0 : 1;
}
