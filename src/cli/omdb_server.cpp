#include "cli/omdb_server.h"

#include <fmt/format.h>

#include "cli/place.h"

namespace matinee::cli {
namespace {

/// Nobody sends the stand-in a body.
constexpr std::uint64_t most_body_bytes = 4096;

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

}  // namespace

OmdbServer::OmdbServer(Surroundings& surroundings, std::vector<std::string> keys,
                       gateway::ListenAddress address)
    : stand_in_(std::move(keys)),
      address_(address.address),
      server_(surroundings.runtime.clock, surroundings.runtime.workers, {.listen = {address}}) {}

std::expected<void, std::string> OmdbServer::start() {
  const auto started = server_.start([this](const std::shared_ptr<gateway::IoQueue>&) {
    return std::make_unique<OmdbHandler>(stand_in_);
  });
  if (!started) return std::unexpected(started.error());
  url_ = url_of(address_, server_.ports().front()) + "/";
  return {};
}

void OmdbServer::stop(runtime::Duration grace, std::function<void()> stopped) {
  server_.stop(grace, std::move(stopped));
}

}  // namespace matinee::cli
