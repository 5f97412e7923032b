// The operations on configurations of buckets, which are kept and returned as infrastructure tools
// expect them. Some change how other operations behave, see configurations.h for who reads what;
// a website, logs, replicas, inventories, analyses, metrics and tiers are not made here.
#pragma once

#include "runtime/runtime.h"
#include "s3/operations.h"
#include "services/bucket_tags.h"
#include "services/endpoint.h"
#include "services/s3/catalog/records.h"
#include "services/s3/configurations/configurations.h"

namespace matinee::s3 {

using services::Context;

/// Each operation throws what finding the bucket throws, and the errors of configuration_rules.h.
class BucketConfigurations : public services::ServiceBase, public services::BucketTags {
 public:
  PutBucketTaggingResponse put_bucket_tagging(const Context&, const PutBucketTaggingRequest&);
  GetBucketTaggingResponse get_bucket_tagging(const Context&, const GetBucketTaggingRequest&);
  DeleteBucketTaggingResponse delete_bucket_tagging(const Context&,
                                                    const DeleteBucketTaggingRequest&);

  PutBucketAbacResponse put_bucket_abac(const Context&, const PutBucketAbacRequest&);
  GetBucketAbacResponse get_bucket_abac(const Context&, const GetBucketAbacRequest&);

  PutBucketEncryptionResponse put_bucket_encryption(const Context&,
                                                    const PutBucketEncryptionRequest&);
  GetBucketEncryptionResponse get_bucket_encryption(const Context&,
                                                    const GetBucketEncryptionRequest&);
  DeleteBucketEncryptionResponse delete_bucket_encryption(const Context&,
                                                          const DeleteBucketEncryptionRequest&);

  PutBucketLoggingResponse put_bucket_logging(const Context&, const PutBucketLoggingRequest&);
  GetBucketLoggingResponse get_bucket_logging(const Context&, const GetBucketLoggingRequest&);

  PutBucketWebsiteResponse put_bucket_website(const Context&, const PutBucketWebsiteRequest&);
  GetBucketWebsiteResponse get_bucket_website(const Context&, const GetBucketWebsiteRequest&);
  DeleteBucketWebsiteResponse delete_bucket_website(const Context&,
                                                    const DeleteBucketWebsiteRequest&);

  PutBucketRequestPaymentResponse put_bucket_request_payment(const Context&,
                                                             const PutBucketRequestPaymentRequest&);
  GetBucketRequestPaymentResponse get_bucket_request_payment(const Context&,
                                                             const GetBucketRequestPaymentRequest&);

  PutBucketAccelerateConfigurationResponse put_bucket_accelerate_configuration(
      const Context&, const PutBucketAccelerateConfigurationRequest&);
  GetBucketAccelerateConfigurationResponse get_bucket_accelerate_configuration(
      const Context&, const GetBucketAccelerateConfigurationRequest&);

  PutBucketReplicationResponse put_bucket_replication(const Context&,
                                                      const PutBucketReplicationRequest&);
  GetBucketReplicationResponse get_bucket_replication(const Context&,
                                                      const GetBucketReplicationRequest&);
  DeleteBucketReplicationResponse delete_bucket_replication(const Context&,
                                                            const DeleteBucketReplicationRequest&);

  PutBucketCorsResponse put_bucket_cors(const Context&, const PutBucketCorsRequest&);
  GetBucketCorsResponse get_bucket_cors(const Context&, const GetBucketCorsRequest&);
  DeleteBucketCorsResponse delete_bucket_cors(const Context&, const DeleteBucketCorsRequest&);

  PutBucketInventoryConfigurationResponse put_bucket_inventory_configuration(
      const Context&, const PutBucketInventoryConfigurationRequest&);
  GetBucketInventoryConfigurationResponse get_bucket_inventory_configuration(
      const Context&, const GetBucketInventoryConfigurationRequest&);
  DeleteBucketInventoryConfigurationResponse delete_bucket_inventory_configuration(
      const Context&, const DeleteBucketInventoryConfigurationRequest&);
  ListBucketInventoryConfigurationsResponse list_bucket_inventory_configurations(
      const Context&, const ListBucketInventoryConfigurationsRequest&);

  PutBucketAnalyticsConfigurationResponse put_bucket_analytics_configuration(
      const Context&, const PutBucketAnalyticsConfigurationRequest&);
  GetBucketAnalyticsConfigurationResponse get_bucket_analytics_configuration(
      const Context&, const GetBucketAnalyticsConfigurationRequest&);
  DeleteBucketAnalyticsConfigurationResponse delete_bucket_analytics_configuration(
      const Context&, const DeleteBucketAnalyticsConfigurationRequest&);
  ListBucketAnalyticsConfigurationsResponse list_bucket_analytics_configurations(
      const Context&, const ListBucketAnalyticsConfigurationsRequest&);

  PutBucketMetricsConfigurationResponse put_bucket_metrics_configuration(
      const Context&, const PutBucketMetricsConfigurationRequest&);
  GetBucketMetricsConfigurationResponse get_bucket_metrics_configuration(
      const Context&, const GetBucketMetricsConfigurationRequest&);
  DeleteBucketMetricsConfigurationResponse delete_bucket_metrics_configuration(
      const Context&, const DeleteBucketMetricsConfigurationRequest&);
  ListBucketMetricsConfigurationsResponse list_bucket_metrics_configurations(
      const Context&, const ListBucketMetricsConfigurationsRequest&);

  PutBucketIntelligentTieringConfigurationResponse put_bucket_intelligent_tiering_configuration(
      const Context&, const PutBucketIntelligentTieringConfigurationRequest&);
  GetBucketIntelligentTieringConfigurationResponse get_bucket_intelligent_tiering_configuration(
      const Context&, const GetBucketIntelligentTieringConfigurationRequest&);
  DeleteBucketIntelligentTieringConfigurationResponse
  delete_bucket_intelligent_tiering_configuration(
      const Context&, const DeleteBucketIntelligentTieringConfigurationRequest&);
  ListBucketIntelligentTieringConfigurationsResponse list_bucket_intelligent_tiering_configurations(
      const Context&, const ListBucketIntelligentTieringConfigurationsRequest&);

  /// What browsers of other origins may do; nothing where nobody has said.
  std::optional<CORSConfiguration> find_cors(const std::string& bucket) const;
  const Configurations& configurations() const { return configurations_; }

  services::Tags tags_of_bucket(const std::string& bucket, const std::string& owner) const override;
  void put_tags_of_bucket(const std::string& bucket, const services::Tags& tags) override;

 protected:
  BucketConfigurations(storage::Store& store, const runtime::Runtime& runtime);

  using Owner = std::optional<std::string>;  // of an x-amz-expected-bucket-owner header

  /// Throws NoSuchBucket, AccessDenied where it belongs to another account than the caller's or the
  /// expected one, InvalidBucketName.
  virtual BucketRecord require_bucket(const Context& context, const std::string& name,
                                      const Owner& expected_owner) const = 0;
  /// No tags at all are none. Throws InvalidTag and BadRequest.
  /// `by_system`: tags that begin with "aws:" may be set.
  void put_tags(const std::string& bucket, const Tagging& tagging, bool by_system = false);

  Configurations configurations_;

 private:
  template <class Response, class Request, class Configuration>
  Response put_configuration(const Context& context, const Request& request, ConfigurationKind kind,
                             const Configuration& configuration);
  template <class Response, class Request>
  std::optional<Response> find_configuration(const Context& context, const Request& request,
                                             ConfigurationKind kind) const;
  template <class Response, class Request>
  Response require_configuration(const Context& context, const Request& request,
                                 ConfigurationKind kind) const;
  template <class Response, class Request>
  Response delete_configuration(const Context& context, const Request& request,
                                ConfigurationKind kind);
  template <auto member, class Response, class Request>
  Response list_configurations(const Context& context, const Request& request,
                               ConfigurationKind kind) const;

  void refuse_tagging_with_abac(const std::string& bucket) const;
  void check_log_target(const BucketRecord& source, const std::string& target) const;
  void check_replication_targets(const BucketRecord& source,
                                 const ReplicationConfiguration& configuration) const;

  storage::Table<std::string, BucketRecord> buckets_;
  runtime::Random& random_;
};

}  // namespace matinee::s3
