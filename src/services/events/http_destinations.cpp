#include "services/events/http_destinations.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "events/errors.h"
#include "runtime/timer_purpose.h"
#include "services/arn.h"
#include "services/events/credentials.h"
#include "services/http_delivery.h"

namespace matinee::events {

namespace {

constexpr std::uint32_t most_of_a_kind = 3000;
constexpr std::int32_t default_rate = 300;
constexpr std::size_t most_turns = 1000;

/// The service looks into secrets of its own.
services::Context own_context(const HttpKey& key) {
  services::Context context;
  context.account = std::get<0>(key);
  context.region = std::get<1>(key);
  context.caller_arn = fmt::format("arn:aws:iam::{}:root", context.account);
  return context;
}

std::string secret_name(const HttpKey& key, const HttpConnectionRecord& record) {
  return fmt::format("events!connection/{}/{}", std::get<2>(key), record.id);
}

/// What waits for its turn is on its way, as what is tried again is.
constexpr runtime::TimerPurpose having_a_turn{.what = "a call to an API destination has its turn",
                                              .is_on_the_way = true};

services::Refusal gone(std::string_view what, std::string_view arn) {
  return {.reason = fmt::format("The {} {} does not exist.", what, arn),
          .code = "NO_RESOURCE",
          .for_ever = true};
}

}  // namespace

std::string http_arn(std::string_view kind, const HttpKey& key, std::string_view id) {
  const auto& [account, region, name] = key;
  return fmt::format("arn:aws:events:{}:{}:{}/{}/{}", region, account, kind, name, id);
}

std::optional<std::pair<HttpKey, std::string>> read_http_arn(std::string_view kind,
                                                             std::string_view arn) {
  const std::optional<services::Arn> parts = services::parse_arn(arn);
  if (!parts || parts->service != "events") return std::nullopt;
  std::string_view resource = parts->resource;
  if (!resource.starts_with(kind) || !resource.substr(kind.size()).starts_with('/'))
    return std::nullopt;
  resource.remove_prefix(kind.size() + 1);
  const std::size_t slash = resource.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  return std::pair(HttpKey{parts->account, parts->region, std::string(resource.substr(0, slash))},
                   std::string(resource.substr(slash + 1)));
}

HttpDestinations::HttpDestinations(storage::Store& store, runtime::Runtime& runtime)
    : connections(store, http_connections_id),
      destinations(store, api_destinations_id),
      store_(store),
      runtime_(runtime),
      pool_(runtime.clock),
      authorizing_(store, authorizing_id),
      counts_(store, http_counts_id) {}

void HttpDestinations::use(const HttpNeighbours& neighbours) {
  neighbours_ = neighbours;
  if (neighbours.outbox) neighbours.outbox->provide("arn:aws:events:::api-destination/", *this);
  std::vector<HttpKey> waiting;
  authorizing_.scan(authorizing_.all(), [&](const HttpKey& key, std::uint8_t) {
    waiting.push_back(key);
    return true;
  });
  for (const HttpKey& key : waiting) start_authorizing(key);
}

void HttpDestinations::reset(const services::ResetScope& scope) {
  const auto erase = [&](auto& table) {
    table.erase_range(scope.account ? table.prefix(*scope.account) : table.all());
  };
  erase(connections);
  erase(destinations);
  erase(authorizing_);
  erase(counts_);
  store_.on_commit([this] {
    tokens_.clear();
    fetching_.clear();
    turns_.clear();
  });
}

void HttpDestinations::count(std::string_view kind, const HttpKey& key, int by) {
  const HttpKey counted{std::get<0>(key), std::get<1>(key), std::string(kind)};
  const std::uint32_t before = counts_.find(counted).value_or(0);
  if (by > 0 && before >= most_of_a_kind)
    throw LimitExceededException("The requested resource exceeds the maximum number allowed.");
  counts_.put(counted, by > 0 ? before + 1 : before - 1);
}

std::string HttpDestinations::state_of(const ApiDestinationRecord& record) const {
  const auto place = read_http_arn(connection_kind, record.connection);
  const auto connection = place ? connections.find(place->first) : std::nullopt;
  const bool works = connection && connection->id == place->second &&
                     (connection->state == "AUTHORIZED" || connection->state == "AUTHORIZING");
  return works ? "ACTIVE" : "INACTIVE";
}

void HttpDestinations::authorize(const services::Context& context, const HttpKey& key,
                                 HttpConnectionRecord& record, const Credentials& credentials) {
  if (!neighbours_.secrets)
    throw protocol::ServiceError("NotImplemented", 501,
                                 "Connections need Secrets Manager, which this cloud has not.");
  record.secret_arn = neighbours_.secrets->keep_secret(context, {.name = secret_name(key, record),
                                                                 .text = to_secret(credentials),
                                                                 .owner = "events",
                                                                 .key = record.key.value_or("")});
  record.shown = shown(credentials);
  record.reason.clear();
  record.authorized = runtime_.clock.now();
  const bool waits = credentials.type == oauth_type;
  record.state = waits ? "AUTHORIZING" : "AUTHORIZED";
  if (waits) {
    authorizing_.put(key, 1);
  } else {
    authorizing_.erase(key);
  }
  store_.on_commit([this, key, waits, arn = http_arn(connection_kind, key, record.id)] {
    forget_token(arn);
    if (waits) start_authorizing(key);
  });
}

std::optional<Credentials> HttpDestinations::credentials_of(
    const HttpKey& key, const HttpConnectionRecord& record) const {
  if (!neighbours_.secrets) return std::nullopt;
  const auto text = neighbours_.secrets->kept_secret(own_context(key), secret_name(key, record));
  if (!text) return std::nullopt;
  return read_secret(record.shown.type, *text);
}

void HttpDestinations::drop_secret(const HttpKey& key, const HttpConnectionRecord& record) {
  if (neighbours_.secrets)
    neighbours_.secrets->drop_secret(own_context(key), secret_name(key, record));
  authorizing_.erase(key);
  store_.on_commit([this, arn = http_arn(connection_kind, key, record.id)] { forget_token(arn); });
}

void HttpDestinations::start_authorizing(const HttpKey& key) {
  runtime_.loop.post([this, key] {
    runtime::start(tasks_.spawn(finish_authorizing(key)), [](const std::exception_ptr& error) {
      if (error) spdlog::error("Connections of API destinations are no longer authorized.");
    });
  });
}

runtime::Task<> HttpDestinations::finish_authorizing(HttpKey key) {
  std::optional<HttpConnectionRecord> record = connections.find(key);
  if (!record || !authorizing_.contains(key)) co_return;
  std::optional<Credentials> credentials;
  std::string failure;
  try {
    storage::Transaction transaction(store_);
    credentials = credentials_of(key, *record);
    transaction.commit();
  } catch (const protocol::ServiceError& error) {
    failure = error.message();
  }
  if (!credentials) {
    settle(key, record->id, failure.empty() ? "The secret of the connection is gone." : failure);
    co_return;
  }
  const auto token = co_await token_of(http_arn(connection_kind, key, record->id), *credentials);
  settle(key, record->id, token ? "" : token.error());
}

void HttpDestinations::settle(const HttpKey& key, const std::string& id,
                              const std::string& failure) {
  std::optional<HttpConnectionRecord> record = connections.find(key);
  if (!record || record->id != id || record->state != "AUTHORIZING") return;
  storage::Transaction transaction(store_);
  authorizing_.erase(key);
  record->state = failure.empty() ? "AUTHORIZED" : "DEAUTHORIZED";
  record->reason = failure;
  if (failure.empty()) record->authorized = runtime_.clock.now();
  connections.put(key, *record);
  transaction.commit();
}

void HttpDestinations::forget_token(const std::string& connection) {
  tokens_.erase(connection);
  fetching_.erase(connection);
}

runtime::Task<std::expected<std::string, std::string>> HttpDestinations::token_of(
    std::string connection, Credentials credentials) {
  if (const auto kept = tokens_.find(connection); kept != tokens_.end()) {
    if (kept->second.expires > runtime_.clock.now()) co_return kept->second.text;
    tokens_.erase(kept);
  }
  if (const auto under_way = fetching_.find(connection); under_way != fetching_.end()) {
    const std::shared_ptr<Fetching> other = under_way->second;
    co_await other->done.wait();
    co_return other->token;
  }
  const auto mine = std::make_shared<Fetching>();
  fetching_[connection] = mine;
  const auto token = co_await fetch_token(std::move(credentials));
  // Somebody may have given the connection other credentials in the meantime.
  if (const auto place = fetching_.find(connection);
      place != fetching_.end() && place->second == mine) {
    fetching_.erase(place);
    if (token)
      tokens_[connection] = {.text = token->text,
                             .expires = runtime_.clock.now() + token->lifetime};
  }
  if (token)
    mine->token = token->text;
  else
    mine->token = std::unexpected(token.error());
  mine->done.notify();
  co_return mine->token;
}

runtime::Task<std::expected<AccessToken, std::string>> HttpDestinations::fetch_token(
    Credentials credentials) {
  if (!neighbours_.http) co_return std::unexpected("This cloud makes no HTTP calls.");
  if (!services::is_http_url(credentials.endpoint))
    co_return std::unexpected("The authorization endpoint is no URL of HTTP.");
  const runtime::HttpResult result = co_await neighbours_.http->send(make_token_call(credentials));
  if (!result) co_return std::unexpected(result.error().message);
  if (result->status < 200 || result->status >= 300)
    co_return std::unexpected(
        fmt::format("The authorization endpoint answered with status {}.", result->status));
  std::optional<AccessToken> token = read_token(result->body);
  if (!token) co_return std::unexpected("The authorization endpoint gave no access token.");
  co_return *std::move(token);
}

std::variant<HttpDestinations::Prepared, services::Refusal> HttpDestinations::prepare(
    const services::Delivery& delivery) {
  const auto place = read_http_arn(destination_kind, delivery.target);
  auto destination = place ? destinations.find(place->first) : std::nullopt;
  if (!destination || destination->id != place->second)
    return gone("API destination", delivery.target);
  const auto of = read_http_arn(connection_kind, destination->connection);
  const auto connection = of ? connections.find(of->first) : std::nullopt;
  if (!connection || connection->id != of->second)
    return gone("connection", destination->connection);
  if (connection->state != "AUTHORIZED")
    return services::Refusal{
        .reason = fmt::format("The connection {} is {}. {}", std::get<2>(of->first),
                              connection->state, connection->reason),
        .code = "CONNECTION_FAILURE"};
  try {
    storage::Transaction transaction(store_);
    std::optional<Credentials> credentials = credentials_of(of->first, *connection);
    transaction.commit();
    if (!credentials) return gone("secret", connection->secret_arn);
    return Prepared{.destination = *std::move(destination),
                    .connection = http_arn(connection_kind, of->first, of->second),
                    .credentials = *std::move(credentials)};
  } catch (const protocol::ServiceError& error) {
    return services::Refusal{.reason = error.message(), .code = error.code()};
  }
}

/// In no second are there more calls than the rate: the next one waits until the one that came so
/// many before it is a second old.
runtime::Task<> HttpDestinations::wait_for_turn(std::string destination, std::int32_t rate) {
  constexpr runtime::Duration second = std::chrono::seconds(1);
  const runtime::Time now = runtime_.clock.now();
  if (turns_.size() > most_turns)
    std::erase_if(turns_, [&](const auto& turn) { return turn.second.back() + second <= now; });
  std::deque<runtime::Time>& calls = turns_[destination];
  runtime::Time mine = calls.empty() ? now : std::max(now, calls.back());
  while (calls.size() >= static_cast<std::size_t>(rate)) {
    mine = std::max(mine, calls.front() + second);
    calls.pop_front();
  }
  calls.push_back(mine);
  co_await runtime::sleep_for(runtime_.clock, having_a_turn, mine);
}

runtime::Task<services::HttpOutcome> HttpDestinations::call(Prepared prepared,
                                                            services::Delivery delivery) {
  runtime::HttpCall call =
      make_api_call(prepared.destination, prepared.credentials, delivery.parameters, delivery.body);
  const auto refused = [](std::string reason, std::string code, bool for_ever) {
    return services::HttpOutcome{.refusal = services::Refusal{.reason = std::move(reason),
                                                              .code = std::move(code),
                                                              .for_ever = for_ever},
                                 .response = {}};
  };
  if (!services::is_http_url(call.url))
    co_return refused("The endpoint is no URL of HTTP: " + call.url, "INVALID_PARAMETER", true);
  if (!neighbours_.http)
    co_return refused("This cloud makes no HTTP calls.", "SDK_CLIENT_ERROR", false);
  std::string token;
  if (prepared.credentials.type == oauth_type) {
    auto found = co_await token_of(prepared.connection, prepared.credentials);
    if (!found) co_return refused(found.error(), "CONNECTION_FAILURE", false);
    token = *std::move(found);
  }
  authorize_call(call, prepared.credentials, token);
  co_await wait_for_turn(delivery.target, prepared.destination.rate.value_or(default_rate));
  services::HttpOutcome outcome = co_await pool_.deliver(
      *neighbours_.http, std::move(call), services::HttpRules::api_destination, delivery.target);
  // A token that is refused is fetched anew for the next try, unless another call did so already.
  if (outcome.status == 401 || outcome.status == 407)
    if (const auto kept = tokens_.find(prepared.connection);
        kept != tokens_.end() && kept->second.text == token)
      tokens_.erase(kept);
  co_return outcome;
}

runtime::Task<services::Refusals> HttpDestinations::send(
    std::vector<services::Delivery> deliveries) {
  services::Refusals refusals(1);
  auto prepared = prepare(deliveries.front());
  if (auto* refusal = std::get_if<services::Refusal>(&prepared)) {
    refusals.front() = std::move(*refusal);
    co_return refusals;
  }
  services::HttpOutcome outcome =
      co_await call(std::get<Prepared>(std::move(prepared)), std::move(deliveries.front()));
  refusals.front() = std::move(outcome.refusal);
  refusals.taken.push_back({.id = "", .status = outcome.status, .response = outcome.response});
  co_return refusals;
}

}  // namespace matinee::events
