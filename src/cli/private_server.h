// The cloud inside this program, served on a port that the system chooses, to the functions that
// run in it: for a command that goes on without "matinee up".
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "cli/surroundings.h"
#include "cloud/cloud.h"

namespace matinee::cli {

class PrivateServer {
 public:
  virtual ~PrivateServer() = default;
  /// "http://127.0.0.1:41234"
  virtual const std::string& url() const = 0;
};

/// On 127.0.0.1 only; any credentials will do there, as with "matinee up". `cloud` must outlive it.
/// The error is a sentence.
std::expected<std::unique_ptr<PrivateServer>, std::string> serve_privately(
    Surroundings& surroundings, cloud::Cloud& cloud, const std::string& directory);

}  // namespace matinee::cli
