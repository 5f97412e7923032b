// Versions: copies of $LATEST that never change.
#include <fmt/format.h>

#include <algorithm>

#include "lambda/errors.h"
#include "services/lambda/catalog/pages.h"
#include "services/lambda/service.h"

namespace matinee::lambda {

namespace {

/// What two versions with the same code and settings have in common. Their descriptions may differ.
std::string content_of(Settings settings) {
  settings.description.clear();
  std::string bytes;
  storage::encode_record_bytes(bytes, settings);
  return bytes;
}

}  // namespace

VersionKey Service::publish(const FunctionKey& key, const std::optional<std::string>& description,
                            Stage stage) {
  FunctionRecord function = require_function(key);
  VersionRecord record = require_version(versioned(key, 0));
  const auto newest = versions_.find(versioned(key, function.last_version));
  if (function.last_version != 0 && newest &&
      content_of(newest->settings) == content_of(record.settings))
    return versioned(key, function.last_version);
  const VersionKey version = versioned(key, ++function.last_version);
  functions_.put(key, function);
  if (description) record.settings.description = *description;
  packages_.add_user(record.settings.package);
  record.stage = stage;
  if (stage == Stage::active) {
    record.modified = std::chrono::floor<std::chrono::milliseconds>(runtime_.clock.now());
    record.revision = new_revision();
    versions_.put(version, record);
  } else {
    put_unsettled(version, std::move(record));
  }
  return version;
}

PublishVersionResponse Service::publish_version(const Context& context,
                                                const PublishVersionRequest& request) {
  const Named name = named(context, request.function_name);
  require_function(name.key);
  const VersionRecord record = require_version(versioned(name.key, 0));
  if (request.revision_id && !request.revision_id->empty() &&
      *request.revision_id != record.revision)
    refuse_revision("GetFunction/GetAlias");
  if (request.code_sha256 && !request.code_sha256->empty() &&
      *request.code_sha256 != record.settings.package)
    refuse(
        fmt::format("CodeSHA256 ({}) is different from current CodeSHA256 in $LATEST ({}). "
                    "Please try again with the CodeSHA256 in $LATEST.",
                    *request.code_sha256, record.settings.package));
  if (record.settings.is_hot())
    refuse("A function whose code is a folder of this machine has no versions: they never change.");
  const Stage stage = record.stage == Stage::active ? Stage::active : Stage::creating;
  const VersionKey version = publish(name.key, request.description, stage);
  return describe(context, version, require_version(version),
                  arn_of(name.key, text_of_version(std::get<3>(version))));
}

ListVersionsByFunctionResponse Service::list_versions_by_function(
    const Context& context, const ListVersionsByFunctionRequest& request) {
  const Named name = named(context, request.function_name);
  require_function(name.key);
  const std::size_t most = page_length(request.max_items);
  const std::string after = read_marker(request.marker);
  const auto& [account, region, function] = name.key;
  auto place = versions_.cursor(versions_.prefix(account, region, function));
  if (!after.empty()) {
    const std::uint32_t version = version_of_text(after).value_or(0);
    place.seek(versioned(name.key, version));
    if (place.valid() && std::get<3>(place.key()) == version) place.next();
  }
  ListVersionsByFunctionResponse response{.versions = std::vector<CreateFunctionResponse>{}};
  for (; place.valid(); place.next()) {
    if (response.versions->size() == most) {
      response.next_marker = marker_after(*response.versions->back().version);
      break;
    }
    const VersionKey key = place.key();
    response.versions->push_back(describe_listed(
        context, key, place.record(), arn_of(name.key, text_of_version(std::get<3>(key)))));
  }
  return response;
}

}  // namespace matinee::lambda
