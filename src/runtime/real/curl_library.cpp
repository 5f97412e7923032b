// Loading libcurl.
#include "runtime/real/curl_library.h"

#include <dlfcn.h>

namespace matinee::runtime {

namespace {

template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

std::expected<CurlLibrary, std::string> open() {
  void* library = ::dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!library) library = ::dlopen("libcurl-gnutls.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return std::unexpected(
        "Calls to other machines need libcurl (on Debian: apt install libcurl4), and it is not "
        "installed here.");
  CurlLibrary curl{};
  const bool complete = find(library, "curl_global_init", curl.global_init) &&
                        find(library, "curl_easy_init", curl.easy_init) &&
                        find(library, "curl_easy_cleanup", curl.easy_cleanup) &&
                        find(library, "curl_easy_setopt", curl.easy_setopt) &&
                        find(library, "curl_easy_getinfo", curl.easy_getinfo) &&
                        find(library, "curl_easy_strerror", curl.easy_strerror) &&
                        find(library, "curl_slist_append", curl.slist_append) &&
                        find(library, "curl_slist_free_all", curl.slist_free_all) &&
                        find(library, "curl_multi_init", curl.multi_init) &&
                        find(library, "curl_multi_cleanup", curl.multi_cleanup) &&
                        find(library, "curl_multi_setopt", curl.multi_setopt) &&
                        find(library, "curl_multi_add_handle", curl.multi_add_handle) &&
                        find(library, "curl_multi_remove_handle", curl.multi_remove_handle) &&
                        find(library, "curl_multi_perform", curl.multi_perform) &&
                        find(library, "curl_multi_poll", curl.multi_poll) &&
                        find(library, "curl_multi_wakeup", curl.multi_wakeup) &&
                        find(library, "curl_multi_info_read", curl.multi_info_read);
  if (!complete)
    return std::unexpected("The libcurl of this machine is older than 7.68, which is needed.");
  if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    return std::unexpected("The libcurl of this machine cannot be initialised.");
  return curl;
}

}  // namespace

const std::expected<CurlLibrary, std::string>& CurlLibrary::load() {
  static const std::expected<CurlLibrary, std::string> library = open();
  return library;
}

}  // namespace matinee::runtime
