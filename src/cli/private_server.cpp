#include "cli/private_server.h"

#include "cli/function_host.h"
#include "cli/outside_hosts.h"
#include "cli/place.h"
#include "cli/version.h"
#include "gateway/aws_handler.h"
#include "gateway/server.h"

namespace matinee::cli {
namespace {

class FunctionServer final : public PrivateServer {
 public:
  FunctionServer(Surroundings& surroundings, cloud::Cloud& cloud)
      : gateway_(
            cloud.endpoint(),
            {surroundings.runtime.clock, surroundings.runtime.random, surroundings.runtime.workers},
            {.authentication = {.check_signatures = false,
                                .session_key = cloud.session_key(),
                                .access_keys = cloud.access_keys()},
             .version = std::string(version),
             .document = [certificates = cloud.certificates()](
                             std::string_view path) { return certificates->find(path); },
             .site = &cloud.site()}),
        server_(surroundings.runtime.clock, surroundings.runtime.workers,
                {.listen = {{.address = "127.0.0.1", .port = 0}}}) {}

  std::expected<void, std::string> start(Surroundings& surroundings, cloud::Cloud& cloud,
                                         const std::string& directory) {
    if (const auto started = server_.start(gateway_.handler_factory()); !started)
      return std::unexpected(started.error());
    url_ = url_of("127.0.0.1", server_.ports().front());
    auto outside = open_outside_world(surroundings, {}, url_);
    if (!outside) return std::unexpected(outside.error());
    outside_ = *std::move(outside);
    functions_.emplace(
        surroundings, cloud,
        FunctionHostOptions{
            .directory = directory + "/functions", .url = url_, .outside = outside_.get()});
    return {};
  }

  const std::string& url() const override { return url_; }

 private:
  gateway::AwsGateway gateway_;
  gateway::Server server_;
  std::string url_;
  std::unique_ptr<gateway::OutsideWorld> outside_;
  std::optional<FunctionHost> functions_;
};

}  // namespace

std::expected<std::unique_ptr<PrivateServer>, std::string> serve_privately(
    Surroundings& surroundings, cloud::Cloud& cloud, const std::string& directory) {
  auto server = std::make_unique<FunctionServer>(surroundings, cloud);
  if (const auto started = server->start(surroundings, cloud, directory); !started)
    return std::unexpected(started.error());
  return server;
}

}  // namespace matinee::cli
