// What running functions needs of the machine and of this cloud.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "runtime/runtime.h"
#include "runtime/sandbox.h"
#include "services/lambda/catalog/records.h"
#include "services/lambda/running/log_lines.h"
#include "services/local_api.h"
#include "services/local_sender.h"

namespace matinee::lambda {

/// How a runtime is started here.
struct Launch {
  std::vector<std::string> command;
  /// Folders that the program is given: of this machine, and where it sees them.
  std::vector<std::pair<std::string, std::string>> folders;
  std::string remark;  // for the function's log, where something else runs than was asked for
  /// What else the log has to tell, known by the time that the program is ready: its lines.
  std::function<std::vector<std::string>()> late_remarks;
  /// Variables of which those of the function's own count more.
  std::map<std::string, std::string> environment;
  /// Names of hosts and their addresses, where the program has an /etc/hosts of its own.
  std::vector<std::pair<std::string, std::string>> hosts;
  /// Names of the programs in /opt/extensions, in order.
  std::vector<std::string> extensions;
};

using LaunchOf =
    std::function<Launch(const Settings& settings, const std::vector<std::string>& folders)>;

/// Where an instance's lines go, and which call has written the last of them.
struct LogOrigin {
  const VersionKey& version;
  const Settings& settings;
  const std::string& stream;
  const std::string& trace;  // X-Amzn-Trace-Id; empty before the first call
};

class LogKeeper;

/// How programs here and the service reach each other.
struct LocalWays {
  // A place without a way to extensions is named by its ports alone.
  LocalWays(services::LocalPorts& ports, services::LocalSender* sender = nullptr)
      : ports(ports), sender(sender) {}

  services::LocalPorts& ports;
  /// To extensions that have subscribed to telemetry; null where there is none.
  services::LocalSender* sender;
};

struct Machine {
  runtime::Runtime& runtime;
  runtime::Sandboxes& sandboxes;
  services::LocalPorts& ports;
  /// How a worker reads a package, which may be gone from the store by then. Throws
  /// storage::StoreFailure.
  std::function<runtime::ReadArchive(const std::string& package)> read_package;
  /// `folders` are those of the code and of the layers. Throws ServiceError with a sentence, where
  /// this machine has nothing that runs it.
  LaunchOf launch_of;
  /// Keeps lines of an instance in CloudWatch Logs. Opens a transaction of its own.
  std::function<void(const LogOrigin& origin, std::vector<LogText> lines)> keep_lines;
  /// The way to extensions that have subscribed to telemetry; null where there is none.
  services::LocalSender* sender = nullptr;
  /// Of the runner, which sets it.
  LogKeeper* logs = nullptr;
};

}  // namespace matinee::lambda
