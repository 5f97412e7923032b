// ExportTableToPointInTime notes what is to be written, and keeps the table's past for it; the
// runner writes it.
#include <fmt/format.h>

#include "services/dynamodb/history/window.h"
#include "services/dynamodb/service.h"
#include "services/dynamodb/transfers/transfer_requests.h"
#include "services/dynamodb/values/validation.h"
#include "table_files/export_manifest.h"

namespace matinee::dynamodb {
namespace {

using transfers::ExportRecord;
using transfers::Status;
using transfers::TransferKey;

constexpr std::size_t most_at_once = 300;
constexpr std::chrono::minutes shortest_window{15};
constexpr std::chrono::hours longest_window{24};
constexpr std::string_view full_export = "FULL_EXPORT";
constexpr std::string_view incremental_export = "INCREMENTAL_EXPORT";

std::string export_arn(const TransferKey& key, const ExportRecord& record) {
  return fmt::format("{}/export/{}", record.transfer.table_arn, std::get<2>(key));
}

std::string type_of(const ExportTableToPointInTimeRequest& request) {
  return request.export_type.value_or(std::string(full_export));
}

std::string manifest_of(const TransferKey& key, const ExportTableToPointInTimeRequest& request) {
  std::string prefix = request.s3_prefix.value_or("");
  if (!prefix.empty() && !prefix.ends_with('/')) prefix += '/';
  return fmt::format("{}AWSDynamoDB/{}/{}", prefix, std::get<2>(key), table_files::summary_name);
}

ExportDescription describe_export_record(const TransferKey& key, const ExportRecord& record) {
  auto request = transfers::request_of<ExportTableToPointInTimeRequest>(record.transfer);
  const std::string type = type_of(request);
  ExportDescription told{.export_arn = export_arn(key, record),
                         .export_status = transfers::status_name(record.transfer.status),
                         .start_time = record.transfer.started,
                         .end_time = record.transfer.ended};
  const bool is_completed = record.transfer.status == Status::completed;
  if (is_completed) told.export_manifest = manifest_of(key, request);
  told.table_arn = record.transfer.table_arn;
  told.table_id = record.transfer.table_id;
  if (type == full_export) told.export_time = record.to.time;
  told.client_token = std::move(request.client_token);
  told.s3_bucket = std::move(request.s3_bucket);
  told.s3_bucket_owner = std::move(request.s3_bucket_owner);
  told.s3_prefix = std::move(request.s3_prefix);
  told.s3_sse_algorithm = request.s3_sse_algorithm.value_or("AES256");
  told.export_format = request.export_format.value_or("DYNAMODB_JSON");
  told.export_type = type;
  told.incremental_export_specification = std::move(request.incremental_export_specification);
  if (is_completed) {
    told.billed_size_bytes = record.bytes;
    told.item_count = record.items;
  }
  if (!record.transfer.failure_code.empty()) {
    told.failure_code = record.transfer.failure_code;
    told.failure_message = record.transfer.failure;
  }
  return told;
}

void refuse_what_is_not_served(const ExportTableToPointInTimeRequest& request) {
  if (request.export_format == "ION") transfers::refuse_ion();
  if (request.filter_specification)
    throw protocol::ServiceError("NotImplemented", 501,
                                 "Matinee exports whole tables: it does not serve the "
                                 "FilterSpecification of exports.");
  if (request.s3_sse_algorithm == "KMS")
    throw protocol::ServiceError("NotImplemented", 501,
                                 "Matinee's exports are encrypted as their bucket says: it does "
                                 "not serve S3SseAlgorithm KMS of exports.");
}

/// Before a time, in its microsecond not any more.
Moment just_before(runtime::Time time) {
  return end_of(time - std::chrono::microseconds(1));
}

/// The moments between which an incremental export tells what has changed, or, in both, that of a
/// full one.
struct Window {
  Moment from;
  Moment to;
};

/// What the table's past reaches: from the first to the last, which clients may have in whole
/// seconds, and nothing of what comes after `present`.
struct Reach {
  runtime::Time earliest;
  runtime::Time latest;
  Moment present;
};

Window window_of(const ExportTableToPointInTimeRequest& request, const Reach& reach) {
  const auto require_within = [&](runtime::Time time) {
    if (time < reach.earliest || time > reach.latest)
      throw InvalidExportTimeException(
          "The specified ExportTime is outside of the point in time recovery window.");
  };
  if (type_of(request) != incremental_export) {
    if (request.incremental_export_specification)
      throw validation_error(
          "IncrementalExportSpecification may only be given for INCREMENTAL_EXPORT.");
    if (!request.export_time) return {reach.present, reach.present};
    require_within(*request.export_time);
    const Moment moment = std::min(reach.present, end_of(*request.export_time));
    return {moment, moment};
  }
  if (request.export_time)
    throw validation_error("ExportTime may not be given for INCREMENTAL_EXPORT.");
  if (!request.incremental_export_specification ||
      !request.incremental_export_specification->export_from_time)
    throw validation_error(
        "IncrementalExportSpecification with an ExportFromTime is needed for INCREMENTAL_EXPORT.");
  const IncrementalExportSpecification& wanted = *request.incremental_export_specification;
  const runtime::Time from = *wanted.export_from_time;
  const runtime::Time to = wanted.export_to_time.value_or(reach.present.time);
  require_within(from);
  require_within(to);
  if (to - from < shortest_window || to - from > longest_window)
    throw validation_error(
        "The difference between ExportFromTime and ExportToTime must be between 15 minutes and 24 "
        "hours.");
  return {just_before(from), std::min(reach.present, just_before(to))};
}

}  // namespace

ExportTableToPointInTimeResponse Service::export_table_to_point_in_time(
    const Context& context, const ExportTableToPointInTimeRequest& request) {
  transfers::Runner& runner = transfers::require_runner(transfers_);
  refuse_what_is_not_served(request);
  const std::string token = request.client_token.value_or("");
  std::string text = transfers::text_of(request);
  if (const auto known = transfers::find_token(runner.exports(), context, token, clock_.now())) {
    if (known->second.transfer.request != text)
      throw ExportConflictException(
          "The client token was used for another export within the last eight hours.");
    return {.export_description = describe_export_record(known->first, known->second)};
  }
  const auto table =
      catalog_.find_held(context, std::string(table_name(context, request.table_arn)));
  if (!table || table_arn(*table) != request.table_arn)
    throw TableNotFoundException(fmt::format("Table not found: {}", request.table_arn));
  const auto recovery = past_.recovery(*table);
  if (!recovery)
    throw PointInTimeRecoveryUnavailableException(
        fmt::format("Point in time recovery is not enabled for table '{}'", table->name));
  const Moment present = past_.now();
  const history::Window restorable = history::window_of(*recovery, past_, present.time);
  const Window window = window_of(request, {.earliest = past_.earliest(*recovery),
                                            .latest = std::max(restorable.latest, present.time),
                                            .present = present});
  transfers::require_not_too_many(runner.exports(), context, most_at_once, "export");
  ExportRecord record{.from = window.from, .to = window.to, .need = random_.next()};
  record.keys = table->keys;
  record.transfer = transfers::begin_transfer(context, *table, clock_.now());
  record.transfer.request = std::move(text);
  record.transfer.token = token;
  past_.keep(*table, record.to, NeedKind::export_, record.need);
  if (record.from != record.to) past_.keep(*table, record.from, NeedKind::export_, record.need);
  const TransferKey key{context.account, context.region,
                        table_files::transfer_id(clock_.now(), random_.next())};
  runner.exports().put(key, record);
  runner.start_export(key);
  return {.export_description = describe_export_record(key, record)};
}

DescribeExportResponse Service::describe_export(const Context& context,
                                                const DescribeExportRequest& request) {
  transfers::Runner& runner = transfers::require_runner(transfers_);
  const TransferKey key{context.account, context.region,
                        transfers::id_of(context, request.export_arn, "export")};
  const auto record = runner.exports().find(key);
  if (!record || export_arn(key, *record) != request.export_arn)
    throw ExportNotFoundException("The specified export was not found.");
  return {.export_description = describe_export_record(key, *record)};
}

/// The newest first.
ListExportsResponse Service::list_exports(const Context& context,
                                          const ListExportsRequest& request) {
  transfers::Exports& exports = transfers::require_runner(transfers_).exports();
  ListExportsResponse response;
  auto& list = response.export_summaries.emplace();
  const auto add = [&](const TransferKey& key, const ExportRecord& record) {
    auto told = describe_export_record(key, record);
    list.push_back({.export_arn = std::move(told.export_arn),
                    .export_status = std::move(told.export_status),
                    .export_type = std::move(told.export_type)});
  };
  response.next_token = transfers::list_page(
      exports, context, {request.table_arn, request.max_results, request.next_token, clock_.now()},
      add);
  return response;
}

}  // namespace matinee::dynamodb
