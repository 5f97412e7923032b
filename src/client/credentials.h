// Who the client is: access keys, from wherever the user keeps them.
#pragma once

#include <optional>
#include <string>

#include "protocol/sigv4.h"
#include "runtime/task.h"

namespace matinee::client {

struct Credentials {
  protocol::sigv4::Credentials keys;
  /// Nothing for keys that do not expire.
  std::optional<runtime::Time> expires;
};

class CredentialsSource {
 public:
  virtual ~CredentialsSource() = default;
  /// Credentials that are good for some minutes at least. Throws ClientError where there are none.
  virtual runtime::Task<protocol::sigv4::Credentials> get() = 0;
  /// The service has refused the last ones as expired: the next `get` looks for others.
  virtual void forget() = 0;
};

class StaticCredentials final : public CredentialsSource {
 public:
  explicit StaticCredentials(protocol::sigv4::Credentials keys) : keys_(std::move(keys)) {}
  runtime::Task<protocol::sigv4::Credentials> get() override { co_return keys_; }
  void forget() override {}

 private:
  protocol::sigv4::Credentials keys_;
};

}  // namespace matinee::client
