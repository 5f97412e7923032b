// DynamoDB: tables, items, queries. Each method is the operation of AWS's model with that name, and
// throws DynamoDB's errors with AWS's messages.
//
// Tables belong to an account and a region. A table is ready as soon as it is created. Reads are
// always consistent, whatever is asked for; nothing is ever throttled. Vector indexes are not
// served. Streams are written here and read by dynamodbstreams::Service.
#pragma once

#include <span>

#include "dynamodb/operations.h"
#include "runtime/runtime.h"
#include "runtime/task.h"
#include "services/dynamodb/capacity.h"
#include "services/dynamodb/catalog.h"
#include "services/dynamodb/expressions/expression.h"
#include "services/dynamodb/heavy_conditions.h"
#include "services/dynamodb/housekeeping.h"
#include "services/dynamodb/item_store.h"
#include "services/dynamodb/past_versions.h"
#include "services/dynamodb/request_tokens.h"
#include "services/dynamodb/stream_policies.h"
#include "services/dynamodb/told_writes.h"
#include "services/endpoint.h"
#include "services/key_service.h"

namespace matinee::dynamodb {

struct DoneWrite;
struct PlannedWrite;

namespace partiql {
struct Statement;
}
namespace history {
class Chores;
struct RestorePlan;
}  // namespace history

namespace transfers {
class Runner;
struct Neighbours;
}  // namespace transfers

/// A statement of a batch, which is moved from, and the batch's ReturnConsumedCapacity.
struct BatchedStatement {
  const std::optional<std::string>& consumed_capacity;
  partiql::Statement& statement;
};

struct StatementResult {
  BatchStatementResponse response;
  std::optional<ConsumedCapacity> consumed;
};

/// What a transaction is carried out with besides its writes.
struct TransactionTerms {
  std::optional<std::string> token = {};     // ClientRequestToken
  std::optional<std::uint64_t> digest = {};  // of the request, where it has a token
  std::optional<std::string> consumed_capacity = {};
  std::optional<std::string> collection_metrics = {};
};

class Service : public services::ServiceBase {
 public:
  /// The dispatch table: an entry for each operation of the model.
  static std::span<const services::Handler> handlers();

  Service(storage::Store& store, const runtime::Runtime& runtime);

  /// KMS: without it, keys of tables are named but not looked at. Must outlive the service.
  void use_keys(services::KeyService& keys) { keys_ = &keys; }

  /// Who hears of writes within traces. Must outlive the service.
  void use_journal(services::Journal& journal) {
    writes_.items.use(journal);
    changes_.use(journal);
  }

  /// S3 and logs, for imports and exports of tables (transfers/): those that an earlier run has
  /// begun go on. Without them these operations answer 501.
  void use_transfers(const runtime::Runtime& runtime, const transfers::Neighbours& neighbours);

  /// What streams are read from.
  ChangeLog& changes() { return changes_; }
  Catalog& tables() { return catalog_; }

  void check(const protocol::Operation& operation, const void* request,
             protocol::Violations& violations) const override;
  protocol::ServiceError invalid(const protocol::Operation& operation,
                                 const protocol::Violations& violations) const override;

  std::optional<std::vector<std::string>> find_key(const services::Inquiry& inquiry,
                                                   std::string_view key) const override;
  services::Guarded guard_of(const services::Inquiry& inquiry) const override;

  CreateTableResponse create_table(const Context&, const CreateTableRequest&);
  DescribeTableResponse describe_table(const Context&, const DescribeTableRequest&);
  ListTablesResponse list_tables(const Context&, const ListTablesRequest&);
  UpdateTableResponse update_table(const Context&, const UpdateTableRequest&);
  DeleteTableResponse delete_table(const Context&, const DeleteTableRequest&);

  TagResourceResponse tag_resource(const Context&, const TagResourceRequest&);
  UntagResourceResponse untag_resource(const Context&, const UntagResourceRequest&);
  ListTagsOfResourceResponse list_tags_of_resource(const Context&,
                                                   const ListTagsOfResourceRequest&);
  UpdateTimeToLiveResponse update_time_to_live(const Context&, const UpdateTimeToLiveRequest&);
  DescribeTimeToLiveResponse describe_time_to_live(const Context&,
                                                   const DescribeTimeToLiveRequest&);

  // Backups, and the recovery to a point in time (history/).
  UpdateContinuousBackupsResponse update_continuous_backups(const Context&,
                                                            const UpdateContinuousBackupsRequest&);
  DescribeContinuousBackupsResponse describe_continuous_backups(
      const Context&, const DescribeContinuousBackupsRequest&);
  CreateBackupResponse create_backup(const Context&, const CreateBackupRequest&);
  DescribeBackupResponse describe_backup(const Context&, const DescribeBackupRequest&);
  ListBackupsResponse list_backups(const Context&, const ListBackupsRequest&);
  DeleteBackupResponse delete_backup(const Context&, const DeleteBackupRequest&);
  RestoreTableFromBackupResponse restore_table_from_backup(const Context&,
                                                           const RestoreTableFromBackupRequest&);
  RestoreTableToPointInTimeResponse restore_table_to_point_in_time(
      const Context&, const RestoreTableToPointInTimeRequest&);

  // resource_policies.cpp
  PutResourcePolicyResponse put_resource_policy(const Context&, const PutResourcePolicyRequest&);
  GetResourcePolicyResponse get_resource_policy(const Context&, const GetResourcePolicyRequest&);
  DeleteResourcePolicyResponse delete_resource_policy(const Context&,
                                                      const DeleteResourcePolicyRequest&);

  // contributor_insights.cpp
  UpdateContributorInsightsResponse update_contributor_insights(
      const Context&, const UpdateContributorInsightsRequest&);
  DescribeContributorInsightsResponse describe_contributor_insights(
      const Context&, const DescribeContributorInsightsRequest&);
  ListContributorInsightsResponse list_contributor_insights(const Context&,
                                                            const ListContributorInsightsRequest&);

  // kinesis_destinations.cpp
  DescribeKinesisStreamingDestinationResponse describe_kinesis_streaming_destination(
      const Context&, const DescribeKinesisStreamingDestinationRequest&);
  EnableKinesisStreamingDestinationResponse enable_kinesis_streaming_destination(
      const Context&, const EnableKinesisStreamingDestinationRequest&);
  DisableKinesisStreamingDestinationResponse disable_kinesis_streaming_destination(
      const Context&, const DisableKinesisStreamingDestinationRequest&);
  UpdateKinesisStreamingDestinationResponse update_kinesis_streaming_destination(
      const Context&, const UpdateKinesisStreamingDestinationRequest&);

  // Imports from and exports to S3 (transfers/).
  ImportTableResponse import_table(const Context&, const ImportTableRequest&);
  DescribeImportResponse describe_import(const Context&, const DescribeImportRequest&);
  ListImportsResponse list_imports(const Context&, const ListImportsRequest&);
  ExportTableToPointInTimeResponse export_table_to_point_in_time(
      const Context&, const ExportTableToPointInTimeRequest&);
  DescribeExportResponse describe_export(const Context&, const DescribeExportRequest&);
  ListExportsResponse list_exports(const Context&, const ListExportsRequest&);

  DescribeLimitsResponse describe_limits(const Context&, const DescribeLimitsRequest&);
  DescribeEndpointsResponse describe_endpoints(const Context&, const DescribeEndpointsRequest&);

  PutItemResponse put_item(const Context&, const PutItemRequest&);
  GetItemResponse get_item(const Context&, const GetItemRequest&);
  UpdateItemResponse update_item(const Context&, const UpdateItemRequest&);
  DeleteItemResponse delete_item(const Context&, const DeleteItemRequest&);

  // What may touch many items gives way to others when it takes long.
  runtime::Task<BatchWriteItemResponse> batch_write_item(const Context&,
                                                         const BatchWriteItemRequest&);
  runtime::Task<BatchGetItemResponse> batch_get_item(const Context&, const BatchGetItemRequest&);

  runtime::Task<TransactWriteItemsResponse> transact_write_items(const Context&,
                                                                 const TransactWriteItemsRequest&);
  runtime::Task<TransactGetItemsResponse> transact_get_items(const Context&,
                                                             const TransactGetItemsRequest&);

  // PartiQL (partiql/).
  runtime::Task<ExecuteStatementResponse> execute_statement(const Context&,
                                                            const ExecuteStatementRequest&);
  runtime::Task<BatchExecuteStatementResponse> batch_execute_statement(
      const Context&, const BatchExecuteStatementRequest&);
  runtime::Task<ExecuteTransactionResponse> execute_transaction(const Context&,
                                                                const ExecuteTransactionRequest&);
  /// What the statements of a request do to which table or index.
  void add_needs(const Context& context, const protocol::Operation& operation, const void* request,
                 std::vector<services::Need>& needs) const override;

  void reset(const services::ResetScope& scope) override;

  runtime::Task<QueryResponse> query(const Context&, const QueryRequest&);
  runtime::Task<ScanResponse> scan(const Context&, const ScanRequest&);

 private:
  storage::Store& store_;
  runtime::Clock& clock_;
  runtime::Turns& turns_;
  runtime::Random& random_;
  mutable Catalog catalog_;  // remembers what it has read
  ChangeLog changes_;
  PastVersions past_;
  ItemStore items_;
  HeavyConditions heavy_;
  Housekeeping housekeeping_;
  RequestTokens tokens_;
  services::KeyService* keys_ = nullptr;
  TableJournal writes_;
  std::shared_ptr<history::Chores> chores_;

  void begin_chores(runtime::Loop& loop);
  /// Makes the backup that is left of a table with recovery which is being removed. True where its
  /// items have to stay.
  bool keep_backups(const TableRecord& table);
  /// Of an account, or all.
  void forget_backups(const std::optional<std::string>& account);
  TableDescription begin_restore(const Context& context, const history::RestorePlan& plan);

  std::shared_ptr<transfers::Runner> transfers_;

  void forget_transfers(const services::ResetScope& scope);
  void add_index(const CreateGlobalSecondaryIndexAction& wanted, const UpdateTableRequest& request,
                 TableRecord& table);
  void remove_index(const std::string& name, TableRecord& table);
  void change_encryption(const Context& context, const SSESpecification& wanted,
                         TableRecord& table);
  TableDescription describe(const TableRecord& table, std::string_view status) const;
  TableDescription describe_update(const UpdateTableRequest& request,
                                   const TableRecord& table) const;
  struct ParsedPolicy {
    std::int64_t revision = 0;
    std::shared_ptr<const policy::Document> document;
  };
  /// By the table's number, as they were read last; of one that changes, no more.
  mutable std::unordered_map<std::uint64_t, ParsedPolicy> parsed_policies_;

  /// What has a policy: a table or a stream.
  struct Policed {
    std::optional<TableRecord> table;
    std::optional<KeptStream> stream;

    std::string& policy() { return table ? table->policy : stream->record.policy; }
    std::int64_t& revision() {
      return table ? table->policy_revision : stream->record.policy_revision;
    }
  };
  Policed require_policed(const Context& context, const std::string& arn);
  /// Gives a table or a stream a policy and a new revision. Throws a ValidationException for what
  /// is no policy or larger than 20 KB.
  void set_policy(const std::string& policy, Policed& policed) const;
  void keep_policy(const Policed& policed);
  mutable StreamPolicies stream_policies_;
  /// To be awaited before much is written: the disk may take it more slowly than it comes. Ends in
  /// any case within a tenth of a second.
  runtime::Task<> let_disk_catch_up();
  /// Has a worker look at a condition that takes long.
  runtime::Task<> judge(PlannedWrite& write);
  /// All of them or none. `writes` must outlive the task.
  runtime::Task<TransactWriteItemsResponse> transact(const Context& context, TransactionTerms terms,
                                                     std::vector<PlannedWrite>& writes);
  /// All of them or none, in the current transaction.
  TransactWriteItemsResponse carry_out(const TransactionTerms& terms,
                                       std::vector<PlannedWrite>& writes);
  /// A write that has its table and is alone in its transaction. Must outlive the task.
  runtime::Task<DoneWrite> write_alone(const Context& context, PlannedWrite& write);

  // What statements of PartiQL do (partiql/); they and the requests must outlive the tasks.
  runtime::Task<ExecuteStatementResponse> select(const Context& context,
                                                 const ExecuteStatementRequest& request,
                                                 const partiql::Statement& statement);
  runtime::Task<StatementResult> execute_one(const Context& context,
                                             const BatchStatementRequest& request,
                                             BatchedStatement batched);
  runtime::Task<StatementResult> select_one(const Context& context,
                                            const BatchStatementRequest& request,
                                            BatchedStatement batched);
  runtime::Task<ExecuteTransactionResponse> read_together(
      const Context& context, const ExecuteTransactionRequest& request,
      const std::vector<partiql::Statement>& statements);
  /// On a worker where that takes long. Both must outlive the task.
  runtime::Task<bool> matches(const expressions::Condition& condition, const Item& item);
  /// The condition keys of DynamoDB that are about statements.
  std::optional<std::vector<std::string>> find_statement_key(const services::Inquiry& inquiry,
                                                             std::string_view key) const;
};

}  // namespace matinee::dynamodb
