#include "cli/connection.h"

#include <fmt/format.h>

#include "cli/place.h"
#include "cli/private_server.h"
#include "client/in_process_channel.h"
#include "client/remote_cloud.h"
#include "cloud/cloud.h"

namespace matinee::cli {
namespace {

constexpr std::size_t small_memtable_bytes = std::size_t{5} << 20;
constexpr std::size_t small_block_cache_bytes = std::size_t{6} << 20;

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
  std::string look_first() const override {
    return ", once \"matinee up\" serves it (any credentials will do)";
  }
  std::string url() const override { return ""; }
  std::string served_directory() const override { return ""; }

  /// Lets functions run as long as it lives. The error is a sentence.
  std::expected<void, std::string> run_functions(Surroundings& surroundings) {
    auto server = serve_privately(surroundings, *cloud_, directory_);
    if (!server) return std::unexpected(server.error());
    server_ = std::move(*server);
    return {};
  }

 private:
  std::unique_ptr<cloud::Cloud> cloud_;
  std::string region_;
  std::string directory_;
  client::InProcessChannel channel_;
  std::unique_ptr<PrivateServer> server_;
};

class RemoteConnection final : public Connection {
 public:
  RemoteConnection(Surroundings& surroundings, const client::CloudChoice& choice,
                   std::string directory)
      : url_(choice.url.value_or("")),
        directory_(std::move(directory)),
        cloud_(surroundings.runtime, surroundings.http, choice) {
    if (choice.profile) profile_ = *choice.profile;
  }

  client::Channel& channel() override { return cloud_.channel(); }
  std::string region() const override { return cloud_.region(); }
  std::string name() const override { return url_.empty() ? "AWS" : url_; }
  std::string cli_arguments() const override {
    std::string arguments;
    if (!url_.empty()) arguments += " --endpoint-url " + url_;
    if (!profile_.empty()) arguments += " --profile " + profile_;
    return arguments;
  }
  std::string look_first() const override { return ""; }
  std::string url() const override { return url_; }
  std::string served_directory() const override { return directory_; }

 private:
  std::string url_;
  std::string directory_;
  std::string profile_;
  client::RemoteCloud cloud_;
};

using Connected = std::expected<std::unique_ptr<Connection>, std::string>;

client::CloudChoice remote_choice(const CloudChoice& choice) {
  client::CloudChoice remote;
  if (!choice.region.empty()) remote.region = choice.region;
  if (!choice.profile.empty()) remote.profile = choice.profile;
  return remote;
}

/// `directory` is that of a server of the embedded cloud; empty for other clouds.
Connected connect_elsewhere(Surroundings& surroundings, const client::CloudChoice& choice,
                            const std::string& directory = "") {
  try {
    return std::make_unique<RemoteConnection>(surroundings, choice, directory);
  } catch (const client::ClientError& error) {
    return std::unexpected(error.what());
  }
}

/// The error is a sentence: there is no such profile.
std::expected<std::string, std::string> find_region(Surroundings& surroundings,
                                                    const CloudChoice& choice) {
  try {
    return client::region_or_default(surroundings.runtime, surroundings.http,
                                     remote_choice(choice));
  } catch (const client::ClientError& error) {
    return std::unexpected(error.what());
  }
}

/// A server may hold the directory already: then the job talks to that server.
Connected connect_embedded(Surroundings& surroundings, const CloudChoice& choice) {
  const auto region = find_region(surroundings, choice);
  if (!region) return std::unexpected(region.error());
  runtime::Runtime& runtime = surroundings.runtime;
  storage::StoreOptions options = {
      .directory = choice.directory, .disk = &runtime.disk, .workers = &runtime.workers};
  if (choice.has_small_store) {
    options.memtable_bytes = small_memtable_bytes;
    options.block_cache_bytes = small_block_cache_bytes;
  }
  if (choice.runs_functions) surroundings.keep_files_private();
  auto cloud = cloud::Cloud::open(runtime, options,
                                  {.http = choice.runs_functions ? &surroundings.http : nullptr});
  if (!cloud) {
    const storage::OpenError& error = cloud.error();
    if (error.kind != storage::OpenError::Kind::locked || !error.holder)
      return std::unexpected(error.message);
    const std::optional<Place> place = read_lock_text(error.holder->text);
    if (!place)
      return std::unexpected(
          fmt::format("Another job (process {}) is using the data directory {}; wait for it, or "
                      "start \"matinee up\" first and let both use that.",
                      error.holder->process_id, choice.directory));
    client::CloudChoice server = remote_choice(choice);
    server.url = place->url;
    return connect_elsewhere(surroundings, server, choice.directory);
  }
  services::Context caller;
  caller.region = *region;
  caller.caller_arn = "arn:aws:iam::000000000000:root";
  caller.host = "127.0.0.1:4566";
  caller.source_ip = "127.0.0.1";
  auto connection = std::make_unique<EmbeddedConnection>(std::move(*cloud), runtime.random,
                                                         std::move(caller), choice.directory);
  if (choice.runs_functions)
    if (const auto running = connection->run_functions(surroundings); !running)
      return std::unexpected(running.error());
  return connection;
}

}  // namespace

std::expected<std::unique_ptr<Connection>, std::string> connect(Surroundings& surroundings,
                                                                const CloudChoice& choice) {
  if (choice.cloud == "embedded") return connect_embedded(surroundings, choice);
  client::CloudChoice remote = remote_choice(choice);
  if (choice.cloud != "aws") remote.url = choice.cloud;
  return connect_elsewhere(surroundings, remote);
}

}  // namespace matinee::cli
