// What the store keeps of connections and API destinations. What is secret of a connection is in
// Secrets Manager, and not here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "runtime/clock.h"
#include "storage/table.h"

namespace matinee::events {

/// A header, a parameter of the query or a member of the body that a connection adds.
struct CallParameter {
  std::string key;
  std::string value;
  bool is_secret = false;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&CallParameter::key), storage::field<2>(&CallParameter::value),
                 storage::field<3>(&CallParameter::is_secret)};
};

struct CallParameters {
  std::vector<CallParameter> headers;
  std::vector<CallParameter> query;
  std::vector<CallParameter> body;

  static constexpr auto fields = std::tuple{storage::field<1>(&CallParameters::headers),
                                            storage::field<2>(&CallParameters::query),
                                            storage::field<3>(&CallParameters::body)};
};

/// By what a connection authorizes calls: of each type its own members.
struct Credentials {
  std::string type;    // BASIC, API_KEY, OAUTH_CLIENT_CREDENTIALS
  std::string name;    // of the user, the header, or the client
  std::string secret;  // password, value, or the client's secret
  std::string endpoint;
  std::string method;
  std::optional<CallParameters> token_call;
  std::optional<CallParameters> invocation;

  static constexpr auto fields = std::tuple{
      storage::field<1>(&Credentials::type),      storage::field<2>(&Credentials::name),
      storage::field<3>(&Credentials::secret),    storage::field<4>(&Credentials::endpoint),
      storage::field<5>(&Credentials::method),    storage::field<6>(&Credentials::token_call),
      storage::field<7>(&Credentials::invocation)};
};

struct HttpConnectionRecord {
  std::string id;  // the end of its ARN
  std::optional<std::string> description;
  std::string state;
  std::string reason;  // of a state that is a failure
  Credentials shown;   // without what is secret
  std::string secret_arn;
  std::optional<std::string> key;
  runtime::Time created;
  runtime::Time modified;
  std::optional<runtime::Time> authorized;

  static constexpr auto fields = std::tuple{storage::field<1>(&HttpConnectionRecord::id),
                                            storage::field<2>(&HttpConnectionRecord::description),
                                            storage::field<3>(&HttpConnectionRecord::state),
                                            storage::field<4>(&HttpConnectionRecord::reason),
                                            storage::field<5>(&HttpConnectionRecord::shown),
                                            storage::field<6>(&HttpConnectionRecord::secret_arn),
                                            storage::field<7>(&HttpConnectionRecord::key),
                                            storage::field<8>(&HttpConnectionRecord::created),
                                            storage::field<9>(&HttpConnectionRecord::modified),
                                            storage::field<10>(&HttpConnectionRecord::authorized)};
};

struct ApiDestinationRecord {
  std::string id;  // the end of its ARN
  std::optional<std::string> description;
  std::string connection;  // ARN
  std::string endpoint;
  std::string method;
  std::optional<std::int32_t> rate;  // calls a second
  runtime::Time created;
  runtime::Time modified;

  static constexpr auto fields = std::tuple{storage::field<1>(&ApiDestinationRecord::id),
                                            storage::field<2>(&ApiDestinationRecord::description),
                                            storage::field<3>(&ApiDestinationRecord::connection),
                                            storage::field<4>(&ApiDestinationRecord::endpoint),
                                            storage::field<5>(&ApiDestinationRecord::method),
                                            storage::field<6>(&ApiDestinationRecord::rate),
                                            storage::field<7>(&ApiDestinationRecord::created),
                                            storage::field<8>(&ApiDestinationRecord::modified)};
};

/// Account, region, name.
using HttpKey = std::tuple<std::string, std::string, std::string>;
using HttpConnections = storage::Table<HttpKey, HttpConnectionRecord>;
using ApiDestinationTable = storage::Table<HttpKey, ApiDestinationRecord>;
/// Connections whose token is still to be fetched.
using Authorizing = storage::Table<HttpKey, std::uint8_t>;
/// Account, region, "connection" or "api-destination": how many there are.
using HttpCounts = storage::Table<HttpKey, std::uint32_t>;

inline constexpr storage::TableId http_connections_id{0x0710};
inline constexpr storage::TableId api_destinations_id{0x0711};
inline constexpr storage::TableId authorizing_id{0x0712};
inline constexpr storage::TableId http_counts_id{0x0713};

/// arn:aws:events:REGION:ACCOUNT:KIND/NAME/ID
std::string http_arn(std::string_view kind, const HttpKey& key, std::string_view id);
/// The key and the id in such an ARN; nothing for others.
std::optional<std::pair<HttpKey, std::string>> read_http_arn(std::string_view kind,
                                                             std::string_view arn);

inline constexpr std::string_view connection_kind = "connection";
inline constexpr std::string_view destination_kind = "api-destination";

}  // namespace matinee::events
