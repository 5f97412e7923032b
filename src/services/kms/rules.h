// Checks that several operations have in common, and the words of their errors.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kms/errors.h"
#include "kms/shapes.h"
#include "services/context.h"
#include "services/kms/catalog.h"

namespace matinee::kms {

/// A request that breaks a rule which the model does not state.
[[noreturn]] void refuse(std::string message);
/// For what AWS has, and this program has not.
[[noreturn]] void refuse_unserved(std::string what);

/// Throws DisabledException or KMSInvalidStateException unless the key's state is one of these.
void require_state(const Key& key, std::initializer_list<State> allowed);
/// Throws InvalidKeyUsageException.
void require_usage(const Key& key, Usage usage, std::string_view operation);
/// Where `algorithms`, those of the key, do not have it: InvalidKeyUsageException.
void require_algorithm(const Key& key, const std::string& algorithm,
                       const std::vector<std::string>& algorithms);
/// Throws UnsupportedOperationException.
void require_origin(const Key& key, bool is_external);

/// Ends an operation that was only to be tried: throws DryRunOperationException.
void end_dry_run(const std::optional<bool>& dry_run);
/// Nitro enclaves have no place here: 501.
template <class Recipient>
void refuse_recipient(const Recipient& recipient) {
  if (recipient) refuse_unserved("Recipient (attestation documents of Nitro enclaves)");
}

using Tags = std::map<std::string, std::string>;
/// Puts `tags` into `existing`. Throws TagException.
void add_tags(Tags& existing, const std::vector<Tag>& tags, const services::Context& context);
std::vector<Tag> list_tags(const Tags& tags);

/// Lists answer so many where the request has no Limit.
inline constexpr std::int32_t default_limit = 100;
inline constexpr std::int32_t default_small_limit = 50;

std::string default_policy(const KeyName& name);
/// The text of a policy that a key may have. Throws MalformedPolicyDocumentException for one that
/// is none, or that would keep the caller from changing it.
void require_policy(const services::Context& context, const Key& key, const std::string& text,
                    bool may_lock_out);

}  // namespace matinee::kms
