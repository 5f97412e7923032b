// Changes of a function's code and settings. They are of $LATEST; published versions stay as they
// are.
#include <fmt/format.h>

#include "lambda/errors.h"
#include "services/lambda/requests.h"
#include "services/lambda/service.h"

namespace matinee::lambda {

namespace {

void check_revision(const std::optional<std::string>& wanted, const VersionRecord& record) {
  if (wanted && !wanted->empty() && *wanted != record.revision)
    refuse_revision("GetFunction/GetAlias");
}

/// One update after the other: the next one is refused until the stage has ended.
void require_settled(const FunctionKey& key, const VersionRecord& record) {
  if (record.stage == Stage::active) return;
  refuse_conflict(fmt::format(
      "The operation cannot be performed at this time. An update is in progress for resource: {}",
      arn_of(key)));
}

}  // namespace

/// The record of $LATEST, which may be changed now.
VersionRecord Service::require_changeable(const Named& name,
                                          const std::optional<std::string>& revision) const {
  if (!name.qualifier.empty() && name.qualifier != latest)
    refuse(
        "This operation is permitted on Lambda functions only. Aliases and versions do not "
        "support this operation. Please specify either a function name or an unqualified "
        "function ARN.");
  require_function(name.key);
  VersionRecord record = require_version(versioned(name.key, 0));
  require_settled(name.key, record);
  check_revision(revision, record);
  return record;
}

Task<UpdateFunctionCodeResponse> Service::update_function_code(
    const Context& context, const UpdateFunctionCodeRequest& request) {
  const Named name = named(context, request.function_name);
  const VersionKey key = versioned(name.key, 0);
  require_changeable(name, request.revision_id);
  if (request.publish_to) refuse_member("PublishTo", "capacity providers are not served here");
  const bool brings_code = request.zip_file || request.s3_bucket || request.image_uri;
  Code code;
  if (brings_code || !request.architectures)
    code = co_await fetch_code(context, {.zip_file = request.zip_file,
                                         .s3_bucket = request.s3_bucket,
                                         .s3_key = request.s3_key,
                                         .s3_object_version = request.s3_object_version,
                                         .image_uri = request.image_uri});

  storage::Transaction transaction(store_);
  VersionRecord record = require_changeable(name, request.revision_id);
  const std::string before = record.settings.package;
  if (brings_code) place_code(std::move(code), record.settings);
  if (request.architectures && !request.architectures->empty())
    record.settings.architecture = request.architectures->front();
  if (request.dry_run.value_or(false)) {
    record.stage = Stage::active;
    co_return describe(context, key, record, arn_of(name.key));
  }
  if (brings_code) packages_.remove_user(before);
  record.stage = Stage::updating;
  put_unsettled(key, std::move(record));
  UpdateFunctionCodeResponse response;
  if (request.publish.value_or(false)) {
    const VersionKey version = publish(name.key, std::nullopt, Stage::creating);
    response = describe(context, version, require_version(version),
                        arn_of(name.key, text_of_version(std::get<3>(version))));
  } else {
    response = describe(context, key, require_version(key), arn_of(name.key));
  }
  transaction.commit();
  co_return response;
}

UpdateFunctionConfigurationResponse Service::update_function_configuration(
    const Context& context, const UpdateFunctionConfigurationRequest& request) {
  const Named name = named(context, request.function_name);
  const VersionKey key = versioned(name.key, 0);
  VersionRecord record = require_changeable(name, request.revision_id);
  refuse_unserved(request);
  // What is kept encrypted is written anew, with the key that counts from now on.
  const bool is_sealed = !record.settings.sealed_environment.empty();
  if (is_sealed && !request.environment)
    record.settings.environment = environment_of(context, name.key, record.settings);
  if (request.role) record.settings.role = *request.role;
  apply(request, record.settings);
  check_settings(context, name.key, record.settings);
  set_environment(context, name.key, record.settings);
  record.stage = Stage::updating;
  put_unsettled(key, std::move(record));
  return describe(context, key, require_version(key), arn_of(name.key));
}

}  // namespace matinee::lambda
