// What an instance is made of: everything that is known of a version when it is started.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "services/lambda/catalog/records.h"
#include "services/lambda/running/machine.h"
#include "services/role_sessions.h"

namespace matinee::lambda {

struct Program {
  VersionKey version;
  Settings settings;
  std::map<std::string, std::string> environment;  // of the user, decrypted
  services::RoleCredentials credentials;
  std::vector<std::string> layers;  // their packages, in order
  std::string endpoint;             // of this cloud, for SDKs: "http://127.0.0.1:4566"
  std::string revision;
  bool is_provisioned = false;  // kept ready before anybody calls it

  std::string_view initialization_type() const {
    return is_provisioned ? "provisioned-concurrency" : "on-demand";
  }
};

/// The environment that AWS's guide documents, and the launch's, as "NAME=value". `port` is the
/// Runtime API's.
std::vector<std::string> environment_of(const Program& program, const Launch& launch,
                                        std::uint16_t port, const std::string& log_stream);
/// What extensions see of it: not what belongs to the runtime alone.
std::vector<std::string> extension_environment_of(std::vector<std::string> environment);

}  // namespace matinee::lambda
