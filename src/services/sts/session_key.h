// Temporary credentials. Nothing is kept of those that are given out: a session token tells whose
// it is and until when, under a seal that only this cloud's key makes, and the secret access key
// follows from the token. So any thread can check them, they outlive a restart with the key, and
// issuing a million of them leaves nothing behind.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "runtime/clock.h"
#include "runtime/random.h"
#include "services/caller_session.h"
#include "services/context.h"
#include "storage/record.h"

namespace matinee::sts {

/// Who acts with temporary credentials.
struct Session {
  std::string access_key;  // ASIA and 16 more letters and digits, which tell the account
  std::string account;     // 12 digits
  std::string arn;         // of the session: arn:aws:sts::ACCOUNT:assumed-role/ROLE/NAME
  std::string user_id;     // as GetCallerIdentity tells it: AROA...:NAME
  std::string role_arn;    // arn:aws:iam::ACCOUNT:role/PATH/ROLE; empty where none was assumed
  runtime::Time expires_at;
  services::PrincipalKind kind = services::PrincipalKind::root;
  /// What decisions need to know. Set by whoever issues; never null in what `open` gives.
  std::shared_ptr<const services::CallerSession> details = nullptr;
  std::string packed_details = "";  // of `details`: made by `issue`
  std::string padding = "";         // for who wants a token of some length

  static constexpr auto fields = std::tuple{
      storage::field<1>(&Session::access_key), storage::field<2>(&Session::account),
      storage::field<3>(&Session::arn),        storage::field<4>(&Session::user_id),
      storage::field<5>(&Session::role_arn),   storage::field<6>(&Session::expires_at),
      storage::field<7>(&Session::kind),       storage::field<8>(&Session::packed_details),
      storage::field<9>(&Session::padding)};
};

/// A session with what its holder signs with.
struct Issued {
  Session session;
  std::string secret_key;  // 40 characters
  std::string token;
};

/// An access key of that account such as nobody has had before.
std::string make_access_key(const std::string& account, runtime::Random& random);

/// The account that a temporary access key tells, or nothing where it is of another form.
std::optional<std::string> account_of_access_key(std::string_view access_key);

/// The key of one cloud. From any thread: it never changes.
class SessionKey {
 public:
  using Bytes = std::array<std::uint8_t, 32>;
  explicit SessionKey(const Bytes& bytes)
      : bytes_(reinterpret_cast<const char*>(bytes.data()), bytes.size()) {}

  /// Seals a session, whose access key must be new.
  Issued issue(Session session) const;
  /// The session of a token that this key has issued, expired or not; nothing for any other text.
  std::optional<Issued> open(std::string_view token) const;

 private:
  std::string bytes_;

  /// Different for each purpose, so that the secret does not give the seal away.
  std::string derive(std::string_view purpose, std::string_view text) const;
  std::string secret_of(std::string_view record) const;
};

}  // namespace matinee::sts
