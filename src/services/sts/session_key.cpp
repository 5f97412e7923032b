#include "services/sts/session_key.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/base64.h"
#include "protocol/sigv4.h"
#include "services/access_key_id.h"
#include "services/sts/packing.h"

namespace matinee::sts {

namespace {

constexpr std::size_t seal_bytes = 32;
constexpr std::size_t secret_letters = 40;

/// A session of a program that told no more than who it is.
void complete_older(Session& session) {
  using services::PrincipalKind;
  session.details = std::make_shared<const services::CallerSession>();
  if (session.arn.contains(":assumed-role/")) session.kind = PrincipalKind::role_session;
  if (session.arn.contains(":federated-user/")) session.kind = PrincipalKind::federated_user;
}

}  // namespace

std::string make_access_key(const std::string& account, runtime::Random& random) {
  return services::make_access_key_id(services::temporary_key_prefix, account, random);
}

std::optional<std::string> account_of_access_key(std::string_view access_key) {
  if (!access_key.starts_with(services::temporary_key_prefix)) return std::nullopt;
  return services::account_of_access_key_id(access_key);
}

Issued SessionKey::issue(Session session) const {
  if (!session.details) session.details = std::make_shared<const services::CallerSession>();
  std::string details;
  storage::encode_record_bytes(details, *session.details);
  session.packed_details = pack(details);
  std::string record;
  storage::encode_record_bytes(record, session);
  return {.session = std::move(session),
          .secret_key = secret_of(record),
          .token = protocol::base64_encode(record + derive("seal", record))};
}

std::optional<Issued> SessionKey::open(std::string_view token) const {
  std::optional<std::string> sealed = protocol::base64_decode(token);
  if (!sealed || sealed->size() <= seal_bytes) return std::nullopt;
  const std::string seal = sealed->substr(sealed->size() - seal_bytes);
  sealed->resize(sealed->size() - seal_bytes);
  if (!protocol::sigv4::same_signature(seal, derive("seal", *sealed))) return std::nullopt;
  Session session = storage::decode_record_bytes<Session>(*sealed);
  if (session.packed_details.empty()) {
    complete_older(session);
  } else {
    session.details = std::make_shared<const services::CallerSession>(
        storage::decode_record_bytes<services::CallerSession>(unpack(session.packed_details)));
  }
  return Issued{
      .session = std::move(session), .secret_key = secret_of(*sealed), .token = std::string(token)};
}

std::string SessionKey::derive(std::string_view purpose, std::string_view text) const {
  const protocol::sigv4::Digest digest =
      protocol::sigv4::hmac_sha256(bytes_, fmt::format("{}:{}", purpose, text));
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string SessionKey::secret_of(std::string_view record) const {
  return protocol::base64_encode(derive("secret", record)).substr(0, secret_letters);
}

}  // namespace matinee::sts
