// Policy documents: which are taken, how large they are, how they travel.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "policy/document.h"

namespace matinee::iam {

/// Throws MalformedPolicyDocument where the text is no policy of a user, group or role.
void require_identity_policy(std::string_view text);
/// Likewise of a managed policy.
void require_managed_policy(std::string_view text);
/// Throws MalformedPolicyDocument where the text is no policy about who may assume a role.
void require_trust_policy(std::string_view text);

/// Read for decisions; null where this program cannot make sense of a stored text.
std::shared_ptr<const policy::Document> read_identity_policy(std::string_view text);
std::shared_ptr<const policy::Document> read_trust_policy(std::string_view text);

/// In characters, white space not counted, as IAM's quotas count.
std::size_t size_of_policy(std::string_view text);

/// Percent-encoded after RFC 3986: how IAM answers documents.
std::string encode_document(std::string_view text);

}  // namespace matinee::iam
