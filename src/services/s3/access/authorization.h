// One request for one resource, as it is judged. For the files that judge.
#pragma once

#include "services/s3/access/access.h"

namespace matinee::s3 {

struct BucketAccess::Inquiry {
  const Context& context;
  const protocol::Operation& operation;
  const void* request;
  const State& state;
  const std::string& bucket;
  std::optional<std::string> key;  // nothing: the bucket itself
  std::optional<std::string> version_id;
  bool is_aside = false;  // not what is asked for: a refusal is nobody's affair

  bool by_owner() const {
    return !context.anonymous && context.service_principal.empty() &&
           context.account == state.account;
  }
  std::string arn() const {
    return key ? "arn:aws:s3:::" + bucket + "/" + *key : "arn:aws:s3:::" + bucket;
  }
};

/// The text of a member that is a string; nothing where it is absent.
std::optional<std::string> text_of(const protocol::Field* field, const void* request);

}  // namespace matinee::s3
