// Where the functions of a cloud run: as long as this lives.
#pragma once

#include <memory>
#include <string>

#include "cli/surroundings.h"
#include "cloud/cloud.h"
#include "gateway/local_ports.h"
#include "gateway/local_sender.h"
#include "gateway/outside_world.h"

namespace matinee::cli {

struct FunctionHostOptions {
  std::string mode = "sandbox";  // "process" or "off"
  std::string directory;         // for what they need
  std::string url;               // of the cloud, for their SDKs
  /// Hosts that lead elsewhere; null where functions do not run.
  const gateway::OutsideWorld* outside = nullptr;
};

class FunctionHost {
 public:
  /// `cloud` must outlive it.
  FunctionHost(Surroundings& surroundings, cloud::Cloud& cloud, const FunctionHostOptions& options);
  ~FunctionHost() { cloud_.stop_functions(); }
  FunctionHost(const FunctionHost&) = delete;
  FunctionHost& operator=(const FunctionHost&) = delete;

 private:
  cloud::Cloud& cloud_;
  gateway::LocalPorts ports_;
  gateway::LocalSender sender_;
  std::unique_ptr<runtime::Sandboxes> sandboxes_;
};

}  // namespace matinee::cli
