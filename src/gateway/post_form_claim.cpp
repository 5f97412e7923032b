#include "gateway/post_form_claim.h"

#include "services/s3/forms/post_form.h"

namespace matinee::gateway {

namespace sigv4 = protocol::sigv4;

namespace {

std::string_view field(const s3::FormFields& fields, std::string_view name) {
  const std::string* value = s3::find_field(fields, name);
  return value ? std::string_view(*value) : std::string_view();
}

/// "KEY/20130524/us-east-1/s3/aws4_request"
void read_credential(std::string_view text, sigv4::Claim& claim) {
  std::string_view* parts[] = {&claim.access_key, &claim.date, &claim.region, &claim.service};
  for (std::string_view* part : parts) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) {
      claim.fault = "Credential";
      return;
    }
    *part = text.substr(0, slash);
    text.remove_prefix(slash + 1);
  }
  if (text != "aws4_request") claim.fault = "Credential";
}

}  // namespace

sigv4::Claim read_form_claim(const s3::FormFields& fields) {
  sigv4::Claim claim;
  if (!s3::find_field(fields, "policy") || !s3::has_signer(fields)) return claim;
  if (const std::string* key = s3::find_field(fields, "awsaccesskeyid")) {
    claim.scheme = sigv4::Scheme::v2_query;
    claim.access_key = *key;
    claim.signature = field(fields, "signature");
    claim.session_token = field(fields, "x-amz-security-token");
    return claim;
  }
  claim.scheme = sigv4::Scheme::v4_query;
  claim.signature = field(fields, "x-amz-signature");
  claim.timestamp = field(fields, "x-amz-date");
  claim.session_token = field(fields, "x-amz-security-token");
  read_credential(field(fields, "x-amz-credential"), claim);
  return claim;
}

}  // namespace matinee::gateway
