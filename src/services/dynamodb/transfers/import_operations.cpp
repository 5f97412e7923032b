// ImportTable makes the table, CREATING, and notes what is to be done; the runner does it.
#include <fmt/format.h>

#include "services/dynamodb/service.h"
#include "services/dynamodb/transfers/transfer_requests.h"
#include "services/dynamodb/values/validation.h"
#include "table_files/export_manifest.h"

namespace matinee::dynamodb {
namespace {

using transfers::ImportRecord;
using transfers::Status;
using transfers::TransferKey;

constexpr std::size_t most_at_once = 50;

std::string import_arn(const TransferKey& key, const ImportRecord& record) {
  return fmt::format("{}/import/{}", record.transfer.table_arn, std::get<2>(key));
}

std::string log_group_arn(const TransferKey& key) {
  return fmt::format("arn:aws:logs:{}:{}:log-group:/aws-dynamodb/imports:*", std::get<1>(key),
                     std::get<0>(key));
}

ImportTableDescription describe_import_record(const TransferKey& key, const ImportRecord& record) {
  auto request = transfers::request_of<ImportTableRequest>(record.transfer);
  ImportTableDescription told{.import_arn = import_arn(key, record),
                              .import_status = transfers::status_name(record.transfer.status),
                              .table_arn = record.transfer.table_arn,
                              .table_id = record.transfer.table_id,
                              .client_token = request.client_token,
                              .s3_bucket_source = std::move(request.s3_bucket_source),
                              .error_count = record.errors,
                              .cloud_watch_log_group_arn = log_group_arn(key),
                              .input_format = std::move(request.input_format)};
  told.input_format_options = std::move(request.input_format_options);
  told.input_compression_type = request.input_compression_type.value_or("NONE");
  told.table_creation_parameters = std::move(request.table_creation_parameters);
  told.start_time = record.transfer.started;
  told.end_time = record.transfer.ended;
  told.processed_size_bytes = record.bytes;
  told.processed_item_count = record.processed;
  told.imported_item_count = record.imported;
  if (!record.transfer.failure_code.empty()) {
    told.failure_code = record.transfer.failure_code;
    told.failure_message = record.transfer.failure;
  }
  return told;
}

CreateTableRequest to_create(const TableCreationParameters& given) {
  CreateTableRequest create;
  create.table_name = given.table_name;
  create.attribute_definitions = given.attribute_definitions;
  create.key_schema = given.key_schema;
  create.billing_mode = given.billing_mode;
  create.provisioned_throughput = given.provisioned_throughput;
  create.on_demand_throughput = given.on_demand_throughput;
  create.sse_specification = given.sse_specification;
  create.global_secondary_indexes = given.global_secondary_indexes;
  create.vector_indexes = given.vector_indexes;
  return create;
}

}  // namespace

ImportTableResponse Service::import_table(const Context& context,
                                          const ImportTableRequest& request) {
  transfers::Runner& runner = transfers::require_runner(transfers_);
  if (request.input_format == "ION") transfers::refuse_ion();
  const std::string token = request.client_token.value_or("");
  std::string text = transfers::text_of(request);
  if (const auto known = transfers::find_token(runner.imports(), context, token, clock_.now())) {
    if (known->second.transfer.request != text)
      throw ImportConflictException(
          "The client token was used for another import within the last eight hours.");
    return {.import_table_description = describe_import_record(known->first, known->second)};
  }
  transfers::require_not_too_many(runner.imports(), context, most_at_once, "import table");
  create_table(context, to_create(request.table_creation_parameters));
  TableRecord table = catalog_.require_named(context, request.table_creation_parameters.table_name);
  table.is_being_made = true;
  catalog_.update(table);
  ImportRecord record;
  record.transfer = transfers::begin_transfer(context, table, clock_.now());
  record.transfer.request = std::move(text);
  record.transfer.token = token;
  const TransferKey key{context.account, context.region,
                        table_files::transfer_id(clock_.now(), random_.next())};
  runner.imports().put(key, record);
  runner.start_import(key);
  return {.import_table_description = describe_import_record(key, record)};
}

DescribeImportResponse Service::describe_import(const Context& context,
                                                const DescribeImportRequest& request) {
  transfers::Runner& runner = transfers::require_runner(transfers_);
  const TransferKey key{context.account, context.region,
                        transfers::id_of(context, request.import_arn, "import")};
  const auto record = runner.imports().find(key);
  if (!record || import_arn(key, *record) != request.import_arn)
    throw ImportNotFoundException("The specified import was not found.");
  return {.import_table_description = describe_import_record(key, *record)};
}

/// The newest first.
ListImportsResponse Service::list_imports(const Context& context,
                                          const ListImportsRequest& request) {
  transfers::Imports& imports = transfers::require_runner(transfers_).imports();
  ListImportsResponse response;
  auto& list = response.import_summary_list.emplace();
  const auto add = [&](const TransferKey& key, const ImportRecord& record) {
    auto told = describe_import_record(key, record);
    list.push_back({.import_arn = std::move(told.import_arn),
                    .import_status = std::move(told.import_status),
                    .table_arn = std::move(told.table_arn),
                    .s3_bucket_source = std::move(told.s3_bucket_source),
                    .cloud_watch_log_group_arn = std::move(told.cloud_watch_log_group_arn),
                    .input_format = std::move(told.input_format),
                    .start_time = told.start_time,
                    .end_time = told.end_time});
  };
  response.next_token = transfers::list_page(
      imports, context, {request.table_arn, request.page_size, request.next_token, clock_.now()},
      add);
  return response;
}

}  // namespace matinee::dynamodb
