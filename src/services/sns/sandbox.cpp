// The sandbox of SMS: numbers are verified by a code that is sent to them.
#include <fmt/format.h>

#include "services/sns/named.h"
#include "services/sns/targets.h"

namespace matinee::sns {

namespace {

constexpr std::size_t most_numbers = 10;
constexpr std::chrono::hours code_lifetime{24};
constexpr std::int32_t default_page = 100;

}  // namespace

/// As of every account that has not asked to leave it.
GetSMSSandboxAccountStatusResponse Service::get_sms_sandbox_account_status(
    const Context&, const GetSMSSandboxAccountStatusRequest&) {
  return {.is_in_sandbox = true};
}

CreateSMSSandboxPhoneNumberResponse Service::create_sms_sandbox_phone_number(
    const Context& context, const CreateSMSSandboxPhoneNumberRequest& request) {
  const StoredTopic key{context.account, context.region, request.phone_number};
  std::optional<SandboxRecord> known = sandbox_.find(key);
  if (!known) {
    std::size_t count = 0;
    for (auto place = sandbox_.cursor(sandbox_.prefix(context.account, context.region));
         place.valid() && count < most_numbers; place.next())
      ++count;
    if (count == most_numbers)
      throw UserErrorException(
          fmt::format("You have reached the limit of {} destination phone numbers in the SMS "
                      "sandbox.",
                      most_numbers));
  }
  SandboxRecord record{.code = runtime_.random.text(6, "0123456789"),
                       .verified = known && known->verified,
                       .created_at = now()};
  sandbox_.put(key, record);
  send_to_person(context, {.target = target_of("sms", request.phone_number),
                           .body = fmt::format("Your verification code is: {}", record.code),
                           .id = runtime_.random.uuid()});
  return {};
}

VerifySMSSandboxPhoneNumberResponse Service::verify_sms_sandbox_phone_number(
    const Context& context, const VerifySMSSandboxPhoneNumberRequest& request) {
  const StoredTopic key{context.account, context.region, request.phone_number};
  std::optional<SandboxRecord> known = sandbox_.find(key);
  if (!known) throw ResourceNotFoundException("The phone number is not in the SMS sandbox.");
  if (known->code != request.one_time_password || now() >= known->created_at + code_lifetime)
    throw VerificationException("The one-time password is not valid.", {.status = "Invalid"});
  known->verified = true;
  sandbox_.put(key, *known);
  return {};
}

DeleteSMSSandboxPhoneNumberResponse Service::delete_sms_sandbox_phone_number(
    const Context& context, const DeleteSMSSandboxPhoneNumberRequest& request) {
  const StoredTopic key{context.account, context.region, request.phone_number};
  if (!sandbox_.contains(key))
    throw ResourceNotFoundException("The phone number is not in the SMS sandbox.");
  sandbox_.erase(key);
  return {};
}

ListSMSSandboxPhoneNumbersResponse Service::list_sms_sandbox_phone_numbers(
    const Context& context, const ListSMSSandboxPhoneNumbersRequest& request) {
  storage::KeyRange range = sandbox_.prefix(context.account, context.region);
  if (request.next_token)
    range = sandbox_.after(
        range, {context.account, context.region, require_page_token(*request.next_token)});
  const auto most = static_cast<std::size_t>(request.max_results.value_or(default_page));
  ListSMSSandboxPhoneNumbersResponse response{.phone_numbers = {}, .next_token = std::nullopt};
  for (auto place = sandbox_.cursor(range); place.valid(); place.next()) {
    if (response.phone_numbers.size() == most) {
      response.next_token = page_token(*response.phone_numbers.back().phone_number);
      break;
    }
    response.phone_numbers.push_back({.phone_number = std::get<2>(place.key()),
                                      .status = place.record().verified ? "Verified" : "Pending"});
  }
  return response;
}

}  // namespace matinee::sns
