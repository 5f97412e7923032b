// Kinesis data streams that changes of tables are sent to: there are none, because Kinesis is not
// served. A table that is there has no destination; a stream that a request names does not exist.
#include "dynamodb/errors.h"
#include "services/dynamodb/service.h"

namespace matinee::dynamodb {
namespace {

template <class Request>
[[noreturn]] void refuse_stream(Catalog& catalog, const Context& context, const Request& request) {
  catalog.require_named(context, request.table_name);
  throw ResourceNotFoundException("Requested resource not found: Kinesis data stream " +
                                  request.stream_arn +
                                  " does not exist: Matinee does not serve Kinesis");
}

}  // namespace

DescribeKinesisStreamingDestinationResponse Service::describe_kinesis_streaming_destination(
    const Context& context, const DescribeKinesisStreamingDestinationRequest& request) {
  DescribeKinesisStreamingDestinationResponse response{
      .table_name = catalog_.require_named(context, request.table_name).name};
  response.kinesis_data_stream_destinations.emplace();
  return response;
}

EnableKinesisStreamingDestinationResponse Service::enable_kinesis_streaming_destination(
    const Context& context, const EnableKinesisStreamingDestinationRequest& request) {
  refuse_stream(catalog_, context, request);
}

DisableKinesisStreamingDestinationResponse Service::disable_kinesis_streaming_destination(
    const Context& context, const DisableKinesisStreamingDestinationRequest& request) {
  refuse_stream(catalog_, context, request);
}

UpdateKinesisStreamingDestinationResponse Service::update_kinesis_streaming_destination(
    const Context& context, const UpdateKinesisStreamingDestinationRequest& request) {
  refuse_stream(catalog_, context, request);
}

}  // namespace matinee::dynamodb
