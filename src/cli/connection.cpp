#include "cli/connection.h"

#include <fmt/format.h>

#include "client/in_process_channel.h"
#include "cloud/cloud.h"

namespace matinee::cli {
namespace {

class EmbeddedConnection final : public Connection {
 public:
  EmbeddedConnection(std::unique_ptr<cloud::Cloud> cloud, runtime::Random& random,
                     services::Context caller, std::string directory)
      : cloud_(std::move(cloud)),
        region_(caller.region),
        directory_(std::move(directory)),
        channel_(cloud_->endpoint(), random, std::move(caller)) {}

  client::Channel& channel() override { return channel_; }
  std::string region() const override { return region_; }
  std::string name() const override { return "the embedded cloud in " + directory_; }
  std::string cli_arguments() const override { return " --endpoint-url http://127.0.0.1:4566"; }

 private:
  std::unique_ptr<cloud::Cloud> cloud_;
  std::string region_;
  std::string directory_;
  client::InProcessChannel channel_;
};

}  // namespace

std::expected<std::unique_ptr<Connection>, std::string> connect(Surroundings& surroundings,
                                                                const CloudChoice& choice) {
  runtime::Runtime& runtime = surroundings.runtime;
  auto cloud = cloud::Cloud::open(
      runtime, {.directory = choice.directory, .disk = &runtime.disk, .workers = &runtime.workers});
  if (!cloud) return std::unexpected(cloud.error().message);
  services::Context caller;
  if (!choice.region.empty()) caller.region = choice.region;
  caller.caller_arn = "arn:aws:iam::000000000000:root";
  caller.host = "127.0.0.1:4566";
  return std::make_unique<EmbeddedConnection>(std::move(*cloud), runtime.random, std::move(caller),
                                              choice.directory);
}

}  // namespace matinee::cli
