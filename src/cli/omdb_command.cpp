// `matinee omdb`: a stand-in for www.omdbapi.com, for programs that are tried without a network.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/option_values.h"
#include "gateway/server.h"
#include "omdb/stand_in.h"

namespace matinee::cli {
namespace {

constexpr runtime::Duration stop_grace = std::chrono::seconds(2);
/// Nobody sends the stand-in a body.
constexpr std::uint64_t most_body_bytes = 4096;

struct OmdbOptions {
  int port = 8080;
  std::string address = "127.0.0.1";
  std::vector<std::string> keys;
  std::string format = "text";
  bool exit_with_parent = false;
};

protocol::HttpResponse without_body(protocol::HttpResponse response) {
  response.head_length = response.body.bytes.size();
  response.body = {};
  return response;
}

class OmdbExchange final : public gateway::Exchange {
 public:
  OmdbExchange(const omdb::StandIn& stand_in, protocol::HttpRequest head)
      : stand_in_(stand_in), head_(std::move(head)) {}

  std::uint64_t body_limit() const override { return most_body_bytes; }
  std::unique_ptr<services::BodySink> open_sink() override { return nullptr; }
  protocol::HttpResponse refuse(const protocol::ServiceError& error) override {
    protocol::HttpResponse response{.status = error.status()};
    response.body.bytes = error.message();
    return response;
  }
  protocol::ServiceError too_large() const override {
    return {"TooLarge", 413, "The stand-in takes no bodies."};
  }
  void run(protocol::Body, gateway::Reply reply) override {
    protocol::HttpResponse response = stand_in_.answer(head_);
    reply(head_.method == "HEAD" ? without_body(std::move(response)) : std::move(response));
  }
  void cancel() override {}

 private:
  const omdb::StandIn& stand_in_;
  protocol::HttpRequest head_;
};

class OmdbHandler final : public gateway::RequestHandler {
 public:
  explicit OmdbHandler(const omdb::StandIn& stand_in) : stand_in_(stand_in) {}

  gateway::Admission begin(protocol::HttpRequest head, const gateway::Peer&) override {
    return {.exchange = std::make_unique<OmdbExchange>(stand_in_, std::move(head)), .refusal = {}};
  }

 private:
  const omdb::StandIn& stand_in_;
};

int serve_omdb(Surroundings& surroundings, const OmdbOptions& options) {
  runtime::Runtime& runtime = surroundings.runtime;
  const omdb::StandIn stand_in(options.keys);
  gateway::Server server(
      runtime.clock, runtime.workers,
      {.listen = {{.address = options.address, .port = static_cast<std::uint16_t>(options.port)}}});
  const auto stop = [&] { server.stop(stop_grace, [&] { runtime.loop.stop(); }); };
  surroundings.on_stop_signal([&, asked = false](int) mutable {
    std::exchange(asked, true) ? runtime.loop.stop() : stop();
  });
  if (options.exit_with_parent) surroundings.on_parent_exit([&] { runtime.loop.stop(); });
  const auto started = server.start([&](const std::shared_ptr<gateway::IoQueue>&) {
    return std::make_unique<OmdbHandler>(stand_in);
  });
  if (!started) return fail(surroundings, started.error());
  const bool is_ipv6 = options.address.contains(':');
  const std::string url = fmt::format("http://{0}{1}{2}:{3}/", is_ipv6 ? "[" : "", options.address,
                                      is_ipv6 ? "]" : "", server.ports().front());
  surroundings.terminal.out(
      options.format == "json"
          ? fmt::format("{{\"url\":\"{}\",\"films\":{}}}\n", url, stand_in.size())
          : fmt::format("OMDb's stand-in answers at {} with {} films.\n", url, stand_in.size()));
  runtime.loop.run();
  return done;
}

}  // namespace

void add_omdb(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app = add_command(parent, "omdb", "Stand in for www.omdbapi.com, without a network");
  auto options = std::make_shared<OmdbOptions>();
  take_number(*app->add_option("--port", options->port, "Port to listen on; 0: the system chooses")
                   ->capture_default_str(),
              0, 65535);
  take_address(*app->add_option("--listen", options->address, "IP address to listen on")
                    ->capture_default_str());
  app->add_option("--api-key", options->keys,
                  "API key that it knows; repeatable. Without one it takes any key")
      ->type_name("KEY");
  take_one_of(
      *app->add_option("--format", options->format, "The ready line for people, or for programs")
           ->capture_default_str(),
      {"text", "json"});
  app->add_flag("--exit-with-parent", options->exit_with_parent,
                "Stop when the process that has started it ends, for tests");
  app->footer(
      "It knows the 250 films of the list that the top-movies pipeline reads, by id and by title,\n"
      "and has \"N/A\" for all that the list does not say:\n"
      "  curl 'http://127.0.0.1:8080/?i=tt0111161&apikey=any'\n"
      "  curl 'http://127.0.0.1:8080/?t=Heat&apikey=any'");
  app->callback([&surroundings, &command, options] {
    command = [&surroundings, options] { return serve_omdb(surroundings, *options); };
  });
}

}  // namespace matinee::cli
