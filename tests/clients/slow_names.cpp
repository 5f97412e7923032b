// A name server that is silent: loaded into a server with LD_PRELOAD, this lets the look-up of
// names that end in slow.test take half a minute, and makes the file that $SLOW_NAMES names when it
// begins.
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** result) {
  static const auto real =
      reinterpret_cast<int (*)(const char*, const char*, const addrinfo*, addrinfo**)>(
          dlsym(RTLD_NEXT, "getaddrinfo"));
  if (node != nullptr && std::string_view(node).ends_with("slow.test")) {
    if (const char* path = std::getenv("SLOW_NAMES")) close(open(path, O_CREAT | O_WRONLY, 0600));
    sleep(30);
    return EAI_AGAIN;
  }
  return real(node, service, hints, result);
}
