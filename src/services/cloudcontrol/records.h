// What the store keeps of requests, and of the resources that they have made. Keys begin with
// account and region.
#pragma once

#include <string>
#include <tuple>

#include "runtime/clock.h"
#include "storage/table.h"

namespace matinee::cloudcontrol {

/// Account, region, request token.
using RequestKey = std::tuple<std::string, std::string, std::string>;
/// Account, region, when it was made, request token: the order in which requests are listed.
using RequestTimeKey = std::tuple<std::string, std::string, runtime::Time, std::string>;
/// Account, region, the client's token.
using ClientTokenKey = std::tuple<std::string, std::string, std::string>;
/// Account, region, type, identifier.
using ResourceKey = std::tuple<std::string, std::string, std::string, std::string>;

inline constexpr storage::TableId requests_table{0x1501};
inline constexpr storage::TableId request_times_table{0x1502};
inline constexpr storage::TableId client_tokens_table{0x1503};
inline constexpr storage::TableId resources_table{0x1504};

/// In whose name a request goes on, also after a restart.
struct CallerRecord {
  std::string access_key;
  std::string caller_arn;
  std::string caller_id;
  std::string role_arn;
  std::uint8_t principal = 0;  // services::PrincipalKind
  std::string host;
  bool secure = false;

  static constexpr auto fields = std::tuple{
      storage::field<1>(&CallerRecord::access_key), storage::field<2>(&CallerRecord::caller_arn),
      storage::field<3>(&CallerRecord::caller_id),  storage::field<4>(&CallerRecord::role_arn),
      storage::field<5>(&CallerRecord::principal),  storage::field<6>(&CallerRecord::host),
      storage::field<7>(&CallerRecord::secure)};
};

struct RequestRecord {
  std::string type;
  std::string identifier;  // empty until it is known
  std::string operation;   // CREATE, UPDATE, DELETE
  std::string status;      // IN_PROGRESS ...
  runtime::Time made_at;
  runtime::Time changed_at;
  std::string error_code;
  std::string message;
  std::string before;  // JSON: of an update, the properties that it starts from
  std::string wanted;  // JSON: the properties that are to be
  std::string id;      // physical id, once it is known
  std::string client_token;
  CallerRecord caller;

  bool has_ended() const { return status != "IN_PROGRESS"; }

  static constexpr auto fields = std::tuple{storage::field<1>(&RequestRecord::type),
                                            storage::field<2>(&RequestRecord::identifier),
                                            storage::field<3>(&RequestRecord::operation),
                                            storage::field<4>(&RequestRecord::status),
                                            storage::field<5>(&RequestRecord::made_at),
                                            storage::field<6>(&RequestRecord::changed_at),
                                            storage::field<7>(&RequestRecord::error_code),
                                            storage::field<8>(&RequestRecord::message),
                                            storage::field<9>(&RequestRecord::before),
                                            storage::field<10>(&RequestRecord::wanted),
                                            storage::field<11>(&RequestRecord::id),
                                            storage::field<12>(&RequestRecord::client_token),
                                            storage::field<13>(&RequestRecord::caller)};
};

/// What was asked for under a client's token.
struct ClientTokenRecord {
  std::string request_token;
  std::string request;  // operation, type, identifier and document, to compare

  static constexpr auto fields = std::tuple{storage::field<1>(&ClientTokenRecord::request_token),
                                            storage::field<2>(&ClientTokenRecord::request)};
};

/// A resource that was made here: what its service does not tell of it.
struct ResourceRecord {
  std::string id;          // physical id
  std::string properties;  // JSON, as they were asked for last

  static constexpr auto fields = std::tuple{storage::field<1>(&ResourceRecord::id),
                                            storage::field<2>(&ResourceRecord::properties)};
};

}  // namespace matinee::cloudcontrol
