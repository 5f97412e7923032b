// The lifecycle configuration of a bucket, and what replies say of it.
#include "services/s3/configurations/configuration_operations.h"
#include "services/s3/lifecycle/lifecycle_rules.h"
#include "services/s3/requests.h"
#include "services/s3/service.h"

namespace matinee::s3 {

namespace {

constexpr std::string_view default_minimum_size = "all_storage_classes_128K";

Configurations::Key lifecycle_key(const std::string& bucket) {
  return Configurations::key(bucket, ConfigurationKind::lifecycle);
}

}  // namespace

PutBucketLifecycleConfigurationResponse Service::put_bucket_lifecycle_configuration(
    const Context& context, const PutBucketLifecycleConfigurationRequest& request) {
  require_bucket(context, request.bucket, request.expected_bucket_owner);
  if (!request.lifecycle_configuration) throw empty_body();
  BucketLifecycleConfiguration configuration = *request.lifecycle_configuration;
  check_configuration(configuration);
  name_rules(configuration.rules, random_);
  const std::string minimum_size =
      request.transition_default_minimum_object_size.value_or(std::string(default_minimum_size));
  configurations_.put_record(
      lifecycle_key(request.bucket),
      {.document = Configurations::write(BucketLifecycleConfiguration::shape, &configuration),
       .transition_default_minimum_object_size = minimum_size});
  lifecycle_pass_.reload(request.bucket);
  return {.transition_default_minimum_object_size = minimum_size};
}

GetBucketLifecycleConfigurationResponse Service::get_bucket_lifecycle_configuration(
    const Context& context, const GetBucketLifecycleConfigurationRequest& request) {
  require_bucket(context, request.bucket, request.expected_bucket_owner);
  const auto record = configurations_.find_record(lifecycle_key(request.bucket));
  if (!record) throw_missing(ConfigurationKind::lifecycle, request.bucket);
  GetBucketLifecycleConfigurationResponse response;
  Configurations::read(*record, GetBucketLifecycleConfigurationResponse::shape, &response);
  response.transition_default_minimum_object_size = record->transition_default_minimum_object_size;
  return response;
}

DeleteBucketLifecycleResponse Service::delete_bucket_lifecycle(
    const Context& context, const DeleteBucketLifecycleRequest& request) {
  require_bucket(context, request.bucket, request.expected_bucket_owner);
  configurations_.erase(lifecycle_key(request.bucket));
  lifecycle_pass_.reload(request.bucket);
  return {};
}

void Service::remove_configurations(const std::string& bucket) {
  configurations_.erase_all(bucket);
  lifecycle_pass_.reload(bucket);
}

void Service::run_lifecycle() {
  lifecycle_pass_.start();
}

void Service::tell_of_lifecycle(const std::string& bucket, const ObjectEvent& event) {
  if (!notifications_.find(bucket)) return;
  publish({.service_principal = "s3.amazonaws.com", .request_id = random_.uuid()}, bucket, event);
}

std::optional<std::string> Service::expiration_of(const std::string& bucket, const std::string& key,
                                                  const ObjectRecord& object) const {
  const Lifecycle* lifecycle = lifecycle_pass_.find(bucket);
  if (lifecycle == nullptr) return std::nullopt;
  return lifecycle->expiry(key, object).transform(expiration_header);
}

std::optional<Due> Service::abort_of(const std::string& bucket, const std::string& key,
                                     const UploadRecord& upload) const {
  const Lifecycle* lifecycle = lifecycle_pass_.find(bucket);
  return lifecycle == nullptr ? std::nullopt : lifecycle->abort(key, upload);
}

}  // namespace matinee::s3
