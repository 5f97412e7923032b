#include "runtime/real/real_environment.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace matinee::runtime {

std::optional<std::string> RealEnvironment::find(const std::string& name) const {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

std::optional<std::string> RealEnvironment::find_home_directory() const {
  if (auto home = find("HOME"); home && !home->empty()) return home;
  const passwd* user = ::getpwuid(::getuid());
  if (user == nullptr || user->pw_dir == nullptr || *user->pw_dir == '\0') return std::nullopt;
  return user->pw_dir;
}

std::string RealEnvironment::current_directory() const {
  std::error_code error;
  std::filesystem::path path = std::filesystem::current_path(error);
  // A removed working directory has no path; "." then fails where it is used, with a clear error.
  return error ? "." : path.string();
}

int RealEnvironment::process_id() const {
  return ::getpid();
}

}  // namespace matinee::runtime
