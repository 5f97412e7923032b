// One cloud: a store and all the services on it, connected. `matinee up` serves it over HTTP, the
// embedded commands call it in process.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cloud/moved_time.h"
#include "runtime/http_client.h"
#include "runtime/runtime.h"
#include "runtime/sandbox.h"
#include "services/access_keys.h"
#include "services/endpoint.h"
#include "services/faults.h"
#include "services/local_api.h"
#include "services/local_sender.h"
#include "services/sns/certificates.h"
#include "services/sts/session_key.h"
#include "storage/store.h"

namespace matinee::cloud {

struct CloudOptions {
  /// Whether quotas of AWS are kept that an account can have raised: the throughput of FIFO queues,
  /// how many rules a bus may have, and how many stacks there may be.
  bool quotas = false;
  /// Whether the policies of users and roles decide about calls.
  services::IamMode iam = services::IamMode::off;
  /// That faults are drawn from; nothing: one that is drawn with the first fault.
  std::optional<std::uint64_t> seed = std::nullopt;
  /// Whether messages come late, out of order and twice where AWS lets them.
  bool weather = false;
  /// Whether the journal is told what happens to messages.
  bool journal = true;
  /// Bytes that the journal keeps of what a message has in it; 0: nothing of it.
  std::uint32_t journal_payloads = std::uint32_t{64} << 10;
  /// To the keys of identity providers. Null: nobody is asked. Must outlive the cloud.
  runtime::HttpClient* http = nullptr;
  /// What happens once the disk has refused what replies of this round promise: none of them may go
  /// out, so that it must not return where there are some. Null: the program ends at once.
  std::function<void()> on_lost_writes = nullptr;
  /// What happens once it is certain that the store becomes what a snapshot of it is: no further
  /// call may be let in, and the cloud has to be closed and opened again. Null: nobody does that,
  /// and no snapshot can be restored.
  std::function<void()> on_replaced = nullptr;
};

/// What functions have to know.
struct FunctionPlace {
  std::string endpoint;   // of this cloud, for their SDKs: "http://127.0.0.1:4566"
  std::string directory;  // for the loaders of runtimes
  std::string packages;   // where `matinee runtimes add` puts what it installs; empty: nowhere
  /// How the outside world is reached: variables for all functions, folders that those name and
  /// where they are seen, and names of hosts with their addresses.
  std::map<std::string, std::string> environment = {};
  std::vector<std::pair<std::string, std::string>> folders = {};
  std::vector<std::pair<std::string, std::string>> hosts = {};
  /// Variables for the loaders of runtimes, which functions do not see.
  std::map<std::string, std::string> loader_environment = {};
  /// Where functions that our loaders run answer CloudFormation, "https://HOST"; empty: at
  /// `endpoint`, as all others do.
  std::string answers_url = {};
  /// Runs a program to its end without waiting for it; empty: none can be run.
  std::function<void(std::vector<std::string> command)> run_aside = nullptr;
  /// The way to servers in functions' extensions; null where there is none.
  services::LocalSender* sender = nullptr;
};

class Cloud {
 public:
  /// Opens the store, rebuilds what services keep in memory, and makes the store's flush the flush
  /// of the loop. `runtime` must outlive the cloud.
  static std::expected<std::unique_ptr<Cloud>, storage::OpenError> open(
      runtime::Runtime& runtime, const storage::StoreOptions& store_options,
      const CloudOptions& options = {});
  ~Cloud();
  Cloud(const Cloud&) = delete;
  Cloud& operator=(const Cloud&) = delete;

  /// Before a stop in order: stores what was noted of the last seconds' calls.
  void keep_notes();

  /// From now on functions run. All must outlive the cloud, or `stop_functions`.
  void run_functions(runtime::Sandboxes& sandboxes, services::LocalPorts& ports,
                     const FunctionPlace& place);
  /// Where this cloud is reached, "http://127.0.0.1:4566": so that custom resources can be told
  /// where to answer.
  void use_endpoint(const std::string& url);
  /// Those that calls from outside are to have, for the gateway.
  services::Faults& faults();
  /// The URLs of functions, and those that take answers, for the gateway.
  services::LocalSite& site();
  /// Ends all that run.
  void stop_functions();

  services::Endpoint& endpoint();
  storage::Store& store();
  /// That checks the temporary credentials of this cloud.
  std::shared_ptr<const sts::SessionKey> session_key() const;
  /// By which receivers check what topics have signed.
  std::shared_ptr<const sns::Certificates> certificates() const;
  /// Those of IAM's users.
  std::shared_ptr<const services::AccessKeys> access_keys() const;

 private:
  struct Services;
  Cloud(runtime::Runtime& runtime, std::unique_ptr<storage::Store> store,
        const CloudOptions& options);

  runtime::Runtime& runtime_;
  std::unique_ptr<storage::Store> store_;
  MovedTime moved_time_;
  services::Endpoint endpoint_;
  std::unique_ptr<Services> services_;
};

}  // namespace matinee::cloud
