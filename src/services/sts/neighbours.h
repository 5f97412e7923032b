// What the Security Token Service asks others for. All of it may be missing: then there are no
// roles and no users, and whoever is let in may assume what it likes.
#pragma once

#include "identity/directory.h"
#include "runtime/http_client.h"
#include "services/access_keys.h"
#include "services/authorization.h"
#include "services/identity_providers.h"

namespace matinee::sts {

/// All must outlive the service.
struct Neighbours {
  const identity::Directory* directory = nullptr;
  const services::AccessKeys* access_keys = nullptr;
  const services::IdentityProviders* providers = nullptr;
  services::SecondFactors* factors = nullptr;
  runtime::HttpClient* http = nullptr;  // to the keys of identity providers
  /// Off: every role trusts everybody. Observed: likewise, and it is logged whom one would not.
  services::IamMode iam = services::IamMode::off;
};

}  // namespace matinee::sts
