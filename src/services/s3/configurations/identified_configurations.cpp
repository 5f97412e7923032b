// Configurations of which a bucket has up to 1,000, each with an id.
#include "services/s3/configurations/configuration_operations.h"

namespace matinee::s3 {

using Kind = ConfigurationKind;

// Inventory.

PutBucketInventoryConfigurationResponse BucketConfigurations::put_bucket_inventory_configuration(
    const Context& context, const PutBucketInventoryConfigurationRequest& request) {
  return put_configuration<PutBucketInventoryConfigurationResponse>(
      context, request, Kind::inventory, request.inventory_configuration);
}

GetBucketInventoryConfigurationResponse BucketConfigurations::get_bucket_inventory_configuration(
    const Context& context, const GetBucketInventoryConfigurationRequest& request) {
  return require_configuration<GetBucketInventoryConfigurationResponse>(context, request,
                                                                        Kind::inventory);
}

DeleteBucketInventoryConfigurationResponse
BucketConfigurations::delete_bucket_inventory_configuration(
    const Context& context, const DeleteBucketInventoryConfigurationRequest& request) {
  return delete_configuration<DeleteBucketInventoryConfigurationResponse>(context, request,
                                                                          Kind::inventory);
}

ListBucketInventoryConfigurationsResponse
BucketConfigurations::list_bucket_inventory_configurations(
    const Context& context, const ListBucketInventoryConfigurationsRequest& request) {
  using Response = ListBucketInventoryConfigurationsResponse;
  return list_configurations<&Response::inventory_configuration_list, Response>(context, request,
                                                                                Kind::inventory);
}

// Analytics.

PutBucketAnalyticsConfigurationResponse BucketConfigurations::put_bucket_analytics_configuration(
    const Context& context, const PutBucketAnalyticsConfigurationRequest& request) {
  return put_configuration<PutBucketAnalyticsConfigurationResponse>(
      context, request, Kind::analytics, request.analytics_configuration);
}

GetBucketAnalyticsConfigurationResponse BucketConfigurations::get_bucket_analytics_configuration(
    const Context& context, const GetBucketAnalyticsConfigurationRequest& request) {
  return require_configuration<GetBucketAnalyticsConfigurationResponse>(context, request,
                                                                        Kind::analytics);
}

DeleteBucketAnalyticsConfigurationResponse
BucketConfigurations::delete_bucket_analytics_configuration(
    const Context& context, const DeleteBucketAnalyticsConfigurationRequest& request) {
  return delete_configuration<DeleteBucketAnalyticsConfigurationResponse>(context, request,
                                                                          Kind::analytics);
}

ListBucketAnalyticsConfigurationsResponse
BucketConfigurations::list_bucket_analytics_configurations(
    const Context& context, const ListBucketAnalyticsConfigurationsRequest& request) {
  using Response = ListBucketAnalyticsConfigurationsResponse;
  return list_configurations<&Response::analytics_configuration_list, Response>(context, request,
                                                                                Kind::analytics);
}

// Metrics.

PutBucketMetricsConfigurationResponse BucketConfigurations::put_bucket_metrics_configuration(
    const Context& context, const PutBucketMetricsConfigurationRequest& request) {
  return put_configuration<PutBucketMetricsConfigurationResponse>(context, request, Kind::metrics,
                                                                  request.metrics_configuration);
}

GetBucketMetricsConfigurationResponse BucketConfigurations::get_bucket_metrics_configuration(
    const Context& context, const GetBucketMetricsConfigurationRequest& request) {
  return require_configuration<GetBucketMetricsConfigurationResponse>(context, request,
                                                                      Kind::metrics);
}

DeleteBucketMetricsConfigurationResponse BucketConfigurations::delete_bucket_metrics_configuration(
    const Context& context, const DeleteBucketMetricsConfigurationRequest& request) {
  return delete_configuration<DeleteBucketMetricsConfigurationResponse>(context, request,
                                                                        Kind::metrics);
}

ListBucketMetricsConfigurationsResponse BucketConfigurations::list_bucket_metrics_configurations(
    const Context& context, const ListBucketMetricsConfigurationsRequest& request) {
  using Response = ListBucketMetricsConfigurationsResponse;
  return list_configurations<&Response::metrics_configuration_list, Response>(context, request,
                                                                              Kind::metrics);
}

// Intelligent tiering.

PutBucketIntelligentTieringConfigurationResponse
BucketConfigurations::put_bucket_intelligent_tiering_configuration(
    const Context& context, const PutBucketIntelligentTieringConfigurationRequest& request) {
  return put_configuration<PutBucketIntelligentTieringConfigurationResponse>(
      context, request, Kind::intelligent_tiering, request.intelligent_tiering_configuration);
}

GetBucketIntelligentTieringConfigurationResponse
BucketConfigurations::get_bucket_intelligent_tiering_configuration(
    const Context& context, const GetBucketIntelligentTieringConfigurationRequest& request) {
  return require_configuration<GetBucketIntelligentTieringConfigurationResponse>(
      context, request, Kind::intelligent_tiering);
}

DeleteBucketIntelligentTieringConfigurationResponse
BucketConfigurations::delete_bucket_intelligent_tiering_configuration(
    const Context& context, const DeleteBucketIntelligentTieringConfigurationRequest& request) {
  return delete_configuration<DeleteBucketIntelligentTieringConfigurationResponse>(
      context, request, Kind::intelligent_tiering);
}

ListBucketIntelligentTieringConfigurationsResponse
BucketConfigurations::list_bucket_intelligent_tiering_configurations(
    const Context& context, const ListBucketIntelligentTieringConfigurationsRequest& request) {
  using Response = ListBucketIntelligentTieringConfigurationsResponse;
  return list_configurations<&Response::intelligent_tiering_configuration_list, Response>(
      context, request, Kind::intelligent_tiering);
}

}  // namespace matinee::s3
