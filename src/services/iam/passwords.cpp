// Passwords of users, and the account's rules for them.
#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <cctype>

#include "protocol/sigv4.h"
#include "services/iam/credentials.h"
#include "services/iam/describe.h"

namespace matinee::iam {

namespace {

constexpr std::size_t salt_bytes = 16;
/// What AWS asks for where an account has no policy of its own.
constexpr std::size_t least_length = 8;
constexpr int least_kinds = 3;
constexpr std::size_t most_remembered = 24;

std::string hash_of(std::string_view password, std::string_view salt) {
  constexpr int rounds = 1'000;
  std::array<unsigned char, 32> bytes{};
  PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                    reinterpret_cast<const unsigned char*>(salt.data()),
                    static_cast<int>(salt.size()), rounds, EVP_sha256(), bytes.size(),
                    bytes.data());
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_password(std::string_view password, const HashedPassword& kept) {
  return protocol::sigv4::same_signature(hash_of(password, kept.salt), kept.hash);
}

/// The characters of which there are some in a password.
struct Kinds {
  bool upper = false;
  bool lower = false;
  bool digit = false;
  bool symbol = false;

  explicit Kinds(std::string_view password) {
    constexpr std::string_view symbols = "!@#$%^&*()_+-=[]{}|'";
    for (const char c : password) {
      const auto letter = static_cast<unsigned char>(c);
      upper = upper || std::isupper(letter) != 0;
      lower = lower || std::islower(letter) != 0;
      digit = digit || std::isdigit(letter) != 0;
      symbol = symbol || symbols.contains(c);
    }
  }
  int count() const { return upper + lower + digit + symbol; }
};

/// Why a password is not good by the account's policy; nothing where it is.
std::optional<std::string> find_fault(const PasswordPolicyRecord& policy,
                                      std::string_view password) {
  const Kinds kinds(password);
  if (password.size() < static_cast<std::size_t>(policy.least_length))
    return fmt::format("Password should have a minimum length of {}", policy.least_length);
  if (policy.upper_case && !kinds.upper)
    return "Password should have at least one uppercase letter";
  if (policy.lower_case && !kinds.lower)
    return "Password should have at least one lowercase letter";
  if (policy.numbers && !kinds.digit) return "Password should have at least one number";
  if (policy.symbols && !kinds.symbol) return "Password should have at least one symbol";
  return std::nullopt;
}

LoginProfile describe_profile(const std::string& user_name, const LoginProfileRecord& profile) {
  return {.user_name = user_name,
          .create_date = timestamp_of(profile.created),
          .password_reset_required = profile.reset_required};
}

}  // namespace

LoginProfileRecord Credentials::require_login_profile(const std::string& account,
                                                      const Holder& user) const {
  std::optional<LoginProfileRecord> profile = credentials_.login_profiles.find({account, user.id});
  if (!profile)
    throw NoSuchEntityException(
        fmt::format("Login Profile for User {} cannot be found.", user.name));
  return *std::move(profile);
}

HashedPassword Credentials::hash(const std::string& password) {
  std::array<std::uint8_t, salt_bytes> salt{};
  runtime_.random.fill(salt);
  HashedPassword hashed{.salt = std::string(salt.begin(), salt.end())};
  hashed.hash = hash_of(password, hashed.salt);
  return hashed;
}

void Credentials::require_good_password(const std::string& account, const std::string& password,
                                        const LoginProfileRecord* profile) const {
  const auto policy = credentials_.password_policies.find(account);
  if (!policy) {
    if (password.size() < least_length || Kinds(password).count() < least_kinds)
      throw PasswordPolicyViolationException(
          "Password does not conform to the account password policy.");
    return;
  }
  if (const auto fault = find_fault(*policy, password))
    throw PasswordPolicyViolationException(*fault);
  if (!profile || !policy->not_among_last) return;
  const auto last = static_cast<std::size_t>(*policy->not_among_last);
  bool is_known = is_password(password, profile->password);
  for (std::size_t i = 0; i + 1 < last && i < profile->earlier.size(); ++i)
    is_known = is_known || is_password(password, profile->earlier[i]);
  if (is_known)
    throw PasswordPolicyViolationException(
        "Password policy prevents the reuse of a recent password.");
}

void Credentials::set_password(const std::string& account, LoginProfileRecord& profile,
                               const std::string& password) {
  require_good_password(account, password, &profile);
  profile.earlier.insert(profile.earlier.begin(), profile.password);
  if (profile.earlier.size() > most_remembered) profile.earlier.resize(most_remembered);
  profile.password = hash(password);
  profile.changed = now();
}

CreateLoginProfileResponse Credentials::create_login_profile(
    const Context& context, const CreateLoginProfileRequest& request) {
  const std::string& account = context.account;
  const Holder user = require_holder(context, request.user_name);
  if (user.name.empty() || !request.password)
    throw ValidationError("Must specify a user name and a password for a login profile.");
  if (credentials_.login_profiles.contains({account, user.id}))
    throw EntityAlreadyExistsException(
        fmt::format("Login Profile for user {} already exists.", user.name));
  require_good_password(account, *request.password, nullptr);
  const LoginProfileRecord profile{
      .created = now(),
      .changed = now(),
      .reset_required = request.password_reset_required.value_or(false),
      .password = hash(*request.password)};
  credentials_.login_profiles.put({account, user.id}, profile);
  return {.login_profile = describe_profile(user.name, profile)};
}

GetLoginProfileResponse Credentials::get_login_profile(const Context& context,
                                                       const GetLoginProfileRequest& request) {
  const Holder user = require_holder(context, request.user_name);
  return {.login_profile =
              describe_profile(user.name, require_login_profile(context.account, user))};
}

UpdateLoginProfileResponse Credentials::update_login_profile(
    const Context& context, const UpdateLoginProfileRequest& request) {
  const Holder user = require_holder(context, request.user_name);
  LoginProfileRecord profile = require_login_profile(context.account, user);
  if (request.password) set_password(context.account, profile, *request.password);
  if (request.password_reset_required) profile.reset_required = *request.password_reset_required;
  credentials_.login_profiles.put({context.account, user.id}, profile);
  return {};
}

DeleteLoginProfileResponse Credentials::delete_login_profile(
    const Context& context, const DeleteLoginProfileRequest& request) {
  const Holder user = require_holder(context, request.user_name);
  require_login_profile(context.account, user);
  credentials_.login_profiles.erase({context.account, user.id});
  return {};
}

ChangePasswordResponse Credentials::change_password(const Context& context,
                                                    const ChangePasswordRequest& request) {
  if (context.principal != services::PrincipalKind::user)
    throw InvalidUserTypeException("Only IAM Users can change their own password");
  const Holder user = require_holder(context, std::nullopt);
  LoginProfileRecord profile = require_login_profile(context.account, user);
  if (!is_password(request.old_password, profile.password))
    throw AccessDenied("The old password was incorrect.");
  set_password(context.account, profile, request.new_password);
  profile.reset_required = false;
  credentials_.login_profiles.put({context.account, user.id}, profile);
  return {};
}

/// What is left out goes back to its default: nothing is merged.
UpdateAccountPasswordPolicyResponse Credentials::update_account_password_policy(
    const Context& context, const UpdateAccountPasswordPolicyRequest& request) {
  constexpr std::int32_t default_length = 6;
  const PasswordPolicyRecord policy{
      .least_length = request.minimum_password_length.value_or(default_length),
      .symbols = request.require_symbols.value_or(false),
      .numbers = request.require_numbers.value_or(false),
      .upper_case = request.require_uppercase_characters.value_or(false),
      .lower_case = request.require_lowercase_characters.value_or(false),
      .users_may_change = request.allow_users_to_change_password.value_or(false),
      .most_days = request.max_password_age,
      .not_among_last = request.password_reuse_prevention,
      .hard_expiry = request.hard_expiry};
  credentials_.password_policies.put(context.account, policy);
  return {};
}

GetAccountPasswordPolicyResponse Credentials::get_account_password_policy(
    const Context& context, const GetAccountPasswordPolicyRequest&) {
  const auto policy = credentials_.password_policies.find(context.account);
  if (!policy)
    throw NoSuchEntityException(
        fmt::format("The Password Policy with domain name {} cannot be found.", context.account));
  return {.password_policy = {.minimum_password_length = policy->least_length,
                              .require_symbols = policy->symbols,
                              .require_numbers = policy->numbers,
                              .require_uppercase_characters = policy->upper_case,
                              .require_lowercase_characters = policy->lower_case,
                              .allow_users_to_change_password = policy->users_may_change,
                              .expire_passwords = policy->most_days.has_value(),
                              .max_password_age = policy->most_days,
                              .password_reuse_prevention = policy->not_among_last,
                              .hard_expiry = policy->hard_expiry}};
}

DeleteAccountPasswordPolicyResponse Credentials::delete_account_password_policy(
    const Context& context, const DeleteAccountPasswordPolicyRequest&) {
  if (!credentials_.password_policies.contains(context.account))
    throw NoSuchEntityException("The account policy with name PasswordPolicy cannot be found.");
  credentials_.password_policies.erase(context.account);
  return {};
}

}  // namespace matinee::iam
