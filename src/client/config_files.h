// AWS's shared files: ~/.aws/config and ~/.aws/credentials.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/disk.h"
#include "runtime/environment.h"

namespace matinee::client {

/// Settings by name. One inside another, as in "s3 =" followed by an indented "endpoint_url = …",
/// is named "s3.endpoint_url".
using Settings = std::map<std::string, std::string, std::less<>>;

/// The value of a setting that is there and not empty; null otherwise.
const std::string* find_setting(const Settings& settings, std::string_view name);

/// Sections of an INI text by their headings, such as "profile work". Lines that are no settings
/// are passed over, as AWS's own tools do.
std::map<std::string, Settings, std::less<>> parse_config(std::string_view text);

/// Both files read together.
class ConfigFiles {
 public:
  /// From AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE, or ~/.aws. Files that are missing are
  /// empty. Throws ClientError for one that cannot be read.
  static ConfigFiles load(const runtime::Environment& environment, const runtime::Disk& disk);

  void add_config(std::string_view text);
  /// What it says about a profile counts more than what the config file says.
  void add_credentials(std::string_view text);

  /// Null for a profile that neither file mentions.
  const Settings* find_profile(std::string_view name) const;
  /// The section [services NAME].
  const Settings* find_services(std::string_view name) const;

 private:
  std::map<std::string, Settings, std::less<>> profiles_;
  std::map<std::string, Settings, std::less<>> services_;
};

}  // namespace matinee::client
