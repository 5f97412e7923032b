// A cloud that is somewhere else: AWS, `matinee up`, or another emulator.
#pragma once

#include "client/credentials_chain.h"
#include "client/http_channel.h"

namespace matinee::client {

/// The region that the user means: as chosen, from the environment, from the profile, or us-east-1.
/// Throws ClientError where a profile is chosen that does not exist.
std::string region_or_default(const runtime::Runtime& runtime, runtime::HttpClient& http,
                              CloudChoice choice);

/// Owns what calls to other machines need: settings, credentials and a channel for all services.
class RemoteCloud {
 public:
  /// `runtime` and `http` must outlive it. Throws ClientError where the settings are wrong. A URL
  /// on this machine works without credentials: it gets the key "test", as emulators accept it.
  RemoteCloud(const runtime::Runtime& runtime, runtime::HttpClient& http, CloudChoice choice,
              RetryPolicy policy = {});

  Channel& channel() { return channel_; }
  const std::string& region() const { return endpoints_.region(); }
  const Endpoints& endpoints() const { return endpoints_; }

 private:
  ConfigFiles files_;
  Surroundings around_;
  Endpoints endpoints_;
  CredentialsChain credentials_;
  HttpChannel channel_;
};

}  // namespace matinee::client
