// The usual chain in which AWS's tools look for credentials: the environment, a web identity, the
// shared files with their profiles and roles, the container, the machine.
#pragma once

#include "client/credentials.h"
#include "client/metadata_credentials.h"
#include "client/surroundings.h"
#include "runtime/channel.h"

namespace matinee::client {

/// Looks once, remembers, and looks again five minutes before what it found expires. One of several
/// calls at the same time does the looking, and the others wait for it.
class CredentialsChain final : public CredentialsSource {
 public:
  /// `around` must outlive it. A `fallback` is used where nothing is set; without one that is an
  /// error. With a fallback the machine's metadata service is not asked: it takes seconds to find
  /// out that there is none.
  CredentialsChain(const Surroundings& around, CloudChoice choice,
                   std::optional<protocol::sigv4::Credentials> fallback = std::nullopt);

  runtime::Task<protocol::sigv4::Credentials> get() override;
  void forget() override { current_.reset(); }

 private:
  const Surroundings& around_;
  CloudChoice choice_;
  std::optional<protocol::sigv4::Credentials> fallback_;
  std::optional<Credentials> current_;
  bool looking_ = false;
  runtime::Event looked_;

  bool is_fresh() const;
  Endpoints role_endpoints() const;
  runtime::Task<Credentials> look();
  std::optional<Credentials> find_in_environment() const;
  runtime::Task<std::optional<Credentials>> find_web_identity();
  runtime::Task<std::optional<Credentials>> find_in_profile();
};

}  // namespace matinee::client
