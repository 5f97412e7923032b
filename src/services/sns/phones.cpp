// Settings of SMS, and who wants none.
#include <fmt/format.h>

#include <algorithm>

#include "services/sns/named.h"

namespace matinee::sns {

namespace {

constexpr std::size_t page_size = 100;
constexpr std::string_view names[] = {"DefaultSMSType",        "DefaultSenderID",
                                      "DeliveryStatusIAMRole", "DeliveryStatusSuccessSamplingRate",
                                      "MonthlySpendLimit",     "UsageReportS3Bucket"};

void require_number(std::string_view number) {
  std::string_view digits = number;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos)
    refuse("PhoneNumber Reason: input incorrectly formatted");
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// One to eleven letters and digits, and not digits alone.
bool is_sender(std::string_view text) {
  constexpr std::size_t longest = 11;
  return text.size() <= longest && !text.empty() && !is_digits(text) &&
         std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
         });
}

/// Whether the documented limits allow the value; an empty one takes a setting away.
bool is_setting(std::string_view name, std::string_view value) {
  if (name == "DefaultSMSType") return value == "Promotional" || value == "Transactional";
  if (value.empty()) return true;
  if (name == "DefaultSenderID") return is_sender(value);
  if (name == "MonthlySpendLimit") return is_digits(value);
  if (name == "DeliveryStatusSuccessSamplingRate")
    return is_digits(value) && (value.size() < 3 || value == "100");
  return true;
}

}  // namespace

SetSMSAttributesResponse Service::set_sms_attributes(const Context& context,
                                                     const SetSMSAttributesRequest& request) {
  for (const auto& [name, value] : request.attributes) {
    if (std::ranges::find(names, name) == std::end(names))
      throw InvalidParameterException(fmt::format("{} is not a valid attribute", name));
    if (!is_setting(name, value))
      throw InvalidParameterException(fmt::format("{} is invalid", name));
  }
  Attributes settings = sms_.find({context.account, context.region}).value_or(Attributes{});
  for (const auto& [name, value] : request.attributes) settings[name] = value;
  sms_.put({context.account, context.region}, settings);
  return {};
}

GetSMSAttributesResponse Service::get_sms_attributes(const Context& context,
                                                     const GetSMSAttributesRequest& request) {
  Attributes settings = sms_.find({context.account, context.region}).value_or(Attributes{});
  settings.try_emplace("MonthlySpendLimit", "1");
  std::erase_if(settings, [&](const auto& setting) {
    const bool all = !request.attributes || request.attributes->empty();
    return setting.second.empty() ||
           (!all &&
            std::ranges::find(*request.attributes, setting.first) == request.attributes->end());
  });
  return {.attributes = std::move(settings)};
}

CheckIfPhoneNumberIsOptedOutResponse Service::check_if_phone_number_is_opted_out(
    const Context& context, const CheckIfPhoneNumberIsOptedOutRequest& request) {
  require_number(request.phone_number);
  return {.is_opted_out =
              opted_out_.contains({context.account, context.region, request.phone_number})};
}

ListPhoneNumbersOptedOutResponse Service::list_phone_numbers_opted_out(
    const Context& context, const ListPhoneNumbersOptedOutRequest& request) {
  storage::KeyRange range = opted_out_.prefix(context.account, context.region);
  if (request.next_token)
    range = opted_out_.after(
        range, {context.account, context.region, require_page_token(*request.next_token)});
  ListPhoneNumbersOptedOutResponse response{.phone_numbers = std::vector<std::string>{},
                                            .next_token = std::nullopt};
  for (auto place = opted_out_.cursor(range); place.valid(); place.next()) {
    if (response.phone_numbers->size() == page_size) {
      response.next_token = page_token(response.phone_numbers->back());
      break;
    }
    response.phone_numbers->push_back(std::get<2>(place.key()));
  }
  return response;
}

OptInPhoneNumberResponse Service::opt_in_phone_number(const Context& context,
                                                      const OptInPhoneNumberRequest& request) {
  require_number(request.phone_number);
  opted_out_.erase({context.account, context.region, request.phone_number});
  return {};
}

/// Numbers that AWS has given to an account. Here nobody can get one.
ListOriginationNumbersResponse Service::list_origination_numbers(
    const Context&, const ListOriginationNumbersRequest&) {
  return {.next_token = std::nullopt, .phone_numbers = std::vector<PhoneNumberInformation>{}};
}

}  // namespace matinee::sns
