// The report of all users and the state of their credentials, as a table of comma-separated values.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "protocol/timestamps.h"
#include "services/iam/credentials.h"
#include "services/iam/describe.h"

namespace matinee::iam {

namespace {

/// A report that is younger is not made anew.
constexpr std::chrono::hours freshness{4};

constexpr std::string_view header =
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,"
    "password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,"
    "access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,"
    "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
    "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"
    "cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

constexpr std::string_view none = "N/A";

std::string word(bool value) {
  return value ? "true" : "false";
}

/// "2026-01-31T10:00:00+00:00", in which reports differ from answers.
std::string moment(const std::optional<runtime::Time>& time, std::string_view otherwise = none) {
  if (!time) return std::string(otherwise);
  std::string text;
  protocol::append_iso8601(text, std::chrono::floor<std::chrono::seconds>(*time));
  if (text.ends_with('Z')) text.replace(text.size() - 1, 1, "+00:00");
  return text;
}

std::string or_none(const std::string& text) {
  return text.empty() ? std::string(none) : text;
}

void append_key(std::string& line, const std::optional<AccessKeyRecord>& key) {
  if (!key) {
    line += ",false,N/A,N/A,N/A,N/A";
    return;
  }
  line +=
      fmt::format(",{},{},{},{},{}", word(key->active), moment(key->created),
                  moment(key->last_used), or_none(key->last_region), or_none(key->last_service));
}

}  // namespace

/// Root comes first, and has neither a password nor certificates that this cloud would know of.
std::string Credentials::write_report(const std::string& account) const {
  std::string text(header);
  const auto policy = credentials_.password_policies.find(account);
  const auto append_rest = [&](std::string& line, const std::string& id) {
    std::vector<AccessKeyRecord> keys;
    catalog_.keys_of_users.scan(
        catalog_.keys_of_users.prefix(account, id), [&](const ById& key, runtime::Time) {
          auto found = catalog_.access_keys.find({account, std::get<2>(key)});
          if (!found) return true;
          if (auto use = last_use_of_key(std::get<2>(key))) {
            found->last_used = use->when;
            found->last_region = std::move(use->region);
            found->last_service = std::move(use->service);
          }
          keys.push_back(*std::move(found));
          return true;
        });
    std::ranges::sort(keys, {}, &AccessKeyRecord::created);
    for (std::size_t i = 0; i < 2; ++i)
      append_key(line, i < keys.size() ? std::optional(keys[i]) : std::nullopt);
    std::vector<SigningCertificateRecord> certificates;
    credentials_.signing_certificates.scan(
        credentials_.signing_certificates.prefix(account, id),
        [&](const ById&, const SigningCertificateRecord& certificate) {
          certificates.push_back(certificate);
          return true;
        });
    for (std::size_t i = 0; i < 2; ++i)
      line += i < certificates.size() ? fmt::format(",{},{}", word(certificates[i].active),
                                                    moment(certificates[i].uploaded))
                                      : ",false,N/A";
  };
  const auto has_device = [&](const std::string& id) {
    return !credentials_.mfa_of_users.is_empty(credentials_.mfa_of_users.prefix(account, id));
  };
  const auto record = catalog_.accounts.find(account);
  std::string root = fmt::format(
      "\n<root_account>,arn:aws:iam::{}:root,{},not_supported,"
      "no_information,not_supported,not_supported,{}",
      account, moment(record && record->created ? *record->created : now()),
      word(has_device(account)));
  append_rest(root, account);
  text += root;
  catalog_.users.scan(catalog_.users.prefix(account), [&](const ByName&, const UserRecord& user) {
    const auto profile = credentials_.login_profiles.find({account, user.id});
    std::optional<runtime::Time> rotation;
    if (profile && policy && policy->most_days)
      rotation = profile->changed + std::chrono::days(*policy->most_days);
    std::string line =
        fmt::format("\n{},{},{},{},{},{},{},{}", user.name, arn_of(account, Kind::user, user),
                    moment(user.created), word(profile.has_value()),
                    profile ? moment(user.password_last_used, "no_information") : std::string(none),
                    profile ? moment(profile->changed) : std::string(none), moment(rotation),
                    word(has_device(user.id)));
    append_rest(line, user.id);
    text += line;
    return true;
  });
  return text;
}

GenerateCredentialReportResponse Credentials::generate_credential_report(
    const Context& context, const GenerateCredentialReportRequest&) {
  const auto report = credentials_.reports.find(context.account);
  if (report && now() - report->generated < freshness) return {.state = "COMPLETE"};
  credentials_.reports.put(context.account,
                           {.text = write_report(context.account), .generated = now()});
  return {.state = "STARTED",
          .description = report ? "The report is older than 4 hours. Starting a new report "
                                  "generation task"
                                : "No report exists. Starting a new report generation task"};
}

GetCredentialReportResponse Credentials::get_credential_report(const Context& context,
                                                               const GetCredentialReportRequest&) {
  const auto report = credentials_.reports.find(context.account);
  if (!report)
    throw CredentialReportNotPresentException(
        "No credential report is present. Generate a new one with GenerateCredentialReport.");
  if (now() - report->generated >= freshness)
    throw CredentialReportExpiredException(
        "The most recent credential report has expired. Generate a new one with "
        "GenerateCredentialReport.");
  GetCredentialReportResponse response;
  response.content = protocol::Blob{.bytes = report->text};
  response.report_format = "text/csv";
  response.generated_time = timestamp_of(report->generated);
  return response;
}

}  // namespace matinee::iam
