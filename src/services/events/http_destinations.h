// Connections and API destinations as the store has them, and what calls them: a target of
// deliveries. Tokens of OAuth are kept in memory only, and fetched again when they are refused or
// have expired.
#pragma once

#include <deque>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "runtime/channel.h"
#include "runtime/http_client.h"
#include "runtime/runtime.h"
#include "runtime/task_group.h"
#include "services/context.h"
#include "services/delivery_target.h"
#include "services/events/api_call.h"
#include "services/events/connection_records.h"
#include "services/http_pool.h"
#include "services/reset.h"
#include "services/secret_keeper.h"

namespace matinee::events {

/// Each may be null: without an HTTP client nothing is reached, without a keeper connections answer
/// 501.
struct HttpNeighbours {
  services::Outbox* outbox = nullptr;
  services::SecretKeeper* secrets = nullptr;
  runtime::HttpClient* http = nullptr;
};

class HttpDestinations final : public services::DeliveryTarget, public services::Resettable {
 public:
  /// Both must outlive it.
  HttpDestinations(storage::Store& store, runtime::Runtime& runtime);

  /// Takes up what an earlier run has left unauthorized.
  void use(const HttpNeighbours& neighbours);

  runtime::Task<services::Refusals> send(std::vector<services::Delivery> deliveries) override;
  std::size_t most_calls() const override { return most_calls_of_a_lane; }
  std::size_t most_calls_of_all() const override { return services::HttpPool::most_waiting; }
  void reset(const services::ResetScope& scope) override;

  /// Keeps the secret of a connection, sets its state, and begins to authorize it.
  void authorize(const services::Context& context, const HttpKey& key, HttpConnectionRecord& record,
                 const Credentials& credentials);
  /// With what is secret. Nothing where its secret is gone.
  std::optional<Credentials> credentials_of(const HttpKey& key,
                                            const HttpConnectionRecord& record) const;
  /// Removes the secret and the token.
  void drop_secret(const HttpKey& key, const HttpConnectionRecord& record);
  /// Throws LimitExceededException where there are too many of the kind.
  void count(std::string_view kind, const HttpKey& key, int by);
  /// "ACTIVE", or "INACTIVE" while its connection is not there or not authorized.
  std::string state_of(const ApiDestinationRecord& record) const;

  HttpConnections connections;
  ApiDestinationTable destinations;

 private:
  static constexpr std::size_t most_calls_of_a_lane = 16;
  static constexpr std::size_t most_authorizations = 16;

  struct KeptToken {
    std::string text;
    runtime::Time expires;
  };
  /// A token that is on its way: all that need it wait for the one call.
  struct Fetching {
    runtime::Event done;
    std::expected<std::string, std::string> token = std::unexpected("");
  };
  /// What a delivery needs.
  struct Prepared {
    ApiDestinationRecord destination;
    std::string connection;  // ARN
    Credentials credentials;
  };

  storage::Store& store_;
  runtime::Runtime& runtime_;
  services::HttpPool pool_;
  HttpNeighbours neighbours_;
  Authorizing authorizing_;
  HttpCounts counts_;
  std::map<std::string, KeptToken> tokens_;                    // by the connection's ARN
  std::map<std::string, std::shared_ptr<Fetching>> fetching_;  // likewise
  /// When the last calls to a destination began, or will, as many as its rate allows in a second.
  std::map<std::string, std::deque<runtime::Time>> turns_;
  runtime::TaskGroup tasks_{most_authorizations};

  /// A refusal where the delivery cannot be made.
  std::variant<Prepared, services::Refusal> prepare(const services::Delivery& delivery);
  runtime::Task<services::HttpOutcome> call(Prepared prepared, services::Delivery delivery);
  runtime::Task<> wait_for_turn(std::string destination, std::int32_t rate);
  /// The token, or why there is none.
  runtime::Task<std::expected<std::string, std::string>> token_of(std::string connection,
                                                                  Credentials credentials);
  runtime::Task<std::expected<AccessToken, std::string>> fetch_token(Credentials credentials);
  /// What is known of a connection's token is of credentials that it has no longer.
  void forget_token(const std::string& connection);
  void start_authorizing(const HttpKey& key);
  runtime::Task<> finish_authorizing(HttpKey key);
  void settle(const HttpKey& key, const std::string& id, const std::string& failure);
};

}  // namespace matinee::events
