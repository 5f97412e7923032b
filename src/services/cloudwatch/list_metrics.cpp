// ListMetrics.
#include "cloudwatch/errors.h"
#include "services/cloudwatch/requests.h"
#include "services/cloudwatch/service.h"

namespace matinee::cloudwatch {
namespace {

constexpr std::size_t page_size = 500;
/// A metric is listed for two weeks after its latest data.
constexpr auto listed_for = std::chrono::days(14);
constexpr auto recent = std::chrono::hours(3);

bool fits(const DimensionFilter& filter, const Dimensions& dimensions) {
  return std::ranges::any_of(dimensions, [&](const auto& dimension) {
    return dimension.first == filter.name && (!filter.value || dimension.second == *filter.value);
  });
}

bool fits(const ListMetricsRequest& request, const MetricKey& key, const MetricRecord& record) {
  if (request.metric_name && *request.metric_name != std::get<3>(key)) return false;
  if (!request.dimensions) return true;
  return std::ranges::all_of(*request.dimensions, [&](const DimensionFilter& filter) {
    return fits(filter, record.dimensions);
  });
}

[[noreturn]] void refuse_token() {
  throw InvalidParameterValueException("The parameter NextToken is not valid.");
}

MetricKey read_metric_token(const std::string& token, const Context& context) {
  const std::optional<std::string> bytes = read_token(token);
  if (!bytes) refuse_token();
  try {
    auto key = storage::decode_key<MetricKey>(*bytes);
    if (std::get<0>(key) != context.account || std::get<1>(key) != context.region) refuse_token();
    return key;
  } catch (const storage::DamagedRecord&) {
    refuse_token();
  }
}

}  // namespace

runtime::Task<ListMetricsResponse> Service::list_metrics(const Context& context,
                                                         const ListMetricsRequest& request) {
  const MetricsTable& table = metrics_.metrics();
  storage::KeyRange range = table.prefix(context.account, context.region);
  if (request.namespace_ && request.metric_name)
    range =
        table.prefix(context.account, context.region, *request.namespace_, *request.metric_name);
  else if (request.namespace_)
    range = table.prefix(context.account, context.region, *request.namespace_);
  if (request.next_token)
    range = table.from(range, read_metric_token(*request.next_token, context));
  const runtime::Time now = runtime_.clock.now();
  const runtime::Time oldest = request.recently_active ? now - recent : now - listed_for;

  ListMetricsResponse response;
  std::vector<Metric>& metrics = response.metrics.emplace();
  runtime::Turns& turns = runtime_.loop.turns();
  for (auto cursor = table.cursor(range); cursor.valid(); cursor.next()) {
    if (turns.is_over()) co_await turns.next();
    const MetricKey key = cursor.key();
    const MetricRecord record = cursor.record();
    if (record.latest < oldest || !fits(request, key, record)) continue;
    if (metrics.size() == page_size) {
      response.next_token = make_token(storage::encode_key(key));
      break;
    }
    metrics.push_back({.namespace_ = std::get<2>(key),
                       .metric_name = std::get<3>(key),
                       .dimensions = from_dimensions(record.dimensions)});
  }
  co_return response;
}

}  // namespace matinee::cloudwatch
