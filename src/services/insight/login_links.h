// Links that sign a browser in to the console: each once, and not for long.
#pragma once

#include <map>
#include <string>

#include "runtime/clock.h"
#include "runtime/random.h"
#include "services/local_api.h"

namespace matinee::insight {

/// Credentials wait here, in memory only, for the page that has the code of a link. Whoever has the
/// code needs no signature: `POST /_matinee/logins/CODE` is a site. State thread only.
class LoginLinks final : public services::LocalSite {
 public:
  static constexpr runtime::Duration lifetime = std::chrono::minutes(5);
  /// Beyond it the one that ends first goes.
  static constexpr std::size_t most = 100;

  struct Login {
    std::string access_key;
    std::string secret_key;
    std::string session_token;
  };
  struct Link {
    std::string code;
    runtime::Time expires;
  };

  /// `clock` is the machine's: nobody moves it. Both must outlive this.
  LoginLinks(runtime::Clock& clock, runtime::Random& random) : clock_(clock), random_(random) {}

  Link create(Login login);

  bool claims(const protocol::HttpRequest& head) const override;
  /// It signs in: only the console's own page asks.
  bool is_for_strangers(const protocol::HttpRequest&) const override { return false; }
  void handle(services::LocalRequest request, services::LocalReply reply) override;

 private:
  struct Waiting {
    Login login;
    runtime::Time expires;
  };

  runtime::Clock& clock_;
  runtime::Random& random_;
  std::map<std::string, Waiting> waiting_;  // by code

  void forget_old();
};

}  // namespace matinee::insight
