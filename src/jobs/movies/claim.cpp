#include "jobs/movies/claim.h"

namespace matinee::jobs::movies {

runtime::Task<bool> QueueClaim::take() const {
  dynamodb::PutItemRequest request{.table_name = table_, .item = key_};
  request.item["owner"] = AttributeValue(job_id_);
  request.condition_expression = "attribute_not_exists(job_id) OR #owner = :me";
  request.expression_attribute_names.emplace()["#owner"] = "owner";
  request.expression_attribute_values.emplace()[":me"] = AttributeValue(job_id_);
  try {
    co_await client_.put_item(std::move(request));
    co_return true;
  } catch (const protocol::ServiceError& error) {
    if (!error.is<dynamodb::ConditionalCheckFailedException>()) throw;
  }
  co_return false;
}

runtime::Task<> QueueClaim::release() const {
  dynamodb::DeleteItemRequest request{.table_name = table_, .key = key_};
  request.condition_expression = "#owner = :me";
  request.expression_attribute_names.emplace()["#owner"] = "owner";
  request.expression_attribute_values.emplace()[":me"] = AttributeValue(job_id_);
  try {
    co_await client_.delete_item(std::move(request));
  } catch (const protocol::ServiceError& error) {
    if (!error.is<dynamodb::ConditionalCheckFailedException>()) throw;
  }
}

}  // namespace matinee::jobs::movies
