// What the surrounding process was given: environment variables and directories.
#pragma once

#include <optional>
#include <string>

namespace matinee::runtime {

class Environment {
 public:
  virtual ~Environment() = default;
  /// Nothing for a variable that is not set; one set to nothing gives an empty string.
  virtual std::optional<std::string> find(const std::string& name) const = 0;
  /// Of the user; nothing where there is none.
  virtual std::optional<std::string> find_home_directory() const = 0;
  virtual std::string current_directory() const = 0;
  virtual int process_id() const = 0;

  /// $XDG_DATA_HOME/matinee, or ~/.local/share/matinee; ./matinee-data without a home.
  std::string data_directory() const;
};

}  // namespace matinee::runtime
