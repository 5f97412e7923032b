// DynamoDB Streams: what dynamodb::Service writes of changes to items, read. Each method is the
// operation of AWS's model with that name.
//
// GetRecords gives up to 1,000 records, or what brings the reply to 1 MB or above it, of the last
// 24 hours. Iterators are good for 15 minutes, as on AWS.
#pragma once

#include <map>
#include <span>

#include "dynamodbstreams/operations.h"
#include "runtime/runtime.h"
#include "services/change_source.h"
#include "services/dynamodb/catalog.h"
#include "services/dynamodb/change_log.h"
#include "services/dynamodb/stream_policies.h"
#include "services/endpoint.h"

namespace matinee::dynamodbstreams {

using services::Context;

class Service final : public services::ServiceBase,
                      public services::ChangeWatch,
                      public services::ChangeFinder {
 public:
  /// The dispatch table: an entry for each operation of the model.
  static std::span<const services::Handler> handlers();

  /// All must outlive this service.
  Service(dynamodb::ChangeLog& changes, dynamodb::Catalog& tables, const runtime::Runtime& runtime);
  ~Service() override;

  std::shared_ptr<void> watch(const std::string& stream_arn, runtime::Callback wake) override;
  std::optional<std::string> find_last_change(const std::string& stream_arn) const override;
  bool is_encrypted(const std::string& stream_arn) const override;

  // finding.cpp
  std::optional<services::StreamState> find_stream(const std::string& account,
                                                   const std::string& region,
                                                   const std::string& table) const override;
  runtime::Task<std::optional<services::FoundChange>> find_change(std::string stream_arn,
                                                                  std::string item) override;

  protocol::ServiceError invalid(const protocol::Operation& operation,
                                 const protocol::Violations& violations) const override;
  /// Of an iterator: the stream's.
  void complete_arn(const Context& context, std::string& arn) const override;

  services::Guarded guard_of(const services::Inquiry& inquiry) const override;
  /// Tags of streams.
  std::optional<std::vector<std::string>> find_key(const services::Inquiry& inquiry,
                                                   std::string_view key) const override;

  ListStreamsResponse list_streams(const Context&, const ListStreamsRequest&);
  DescribeStreamResponse describe_stream(const Context&, const DescribeStreamRequest&);
  GetShardIteratorResponse get_shard_iterator(const Context&, const GetShardIteratorRequest&);
  /// Takes turns.
  runtime::Task<GetRecordsResponse> get_records(const Context&, const GetRecordsRequest&);

 private:
  dynamodb::ChangeLog& changes_;
  dynamodb::Catalog& tables_;
  runtime::Clock& clock_;
  runtime::Loop& loop_;
  /// By the stream; those who have let go are forgotten when it is told of next.
  std::multimap<dynamodb::StreamKey, std::weak_ptr<runtime::Callback>> watches_;

  void wake(const dynamodb::StreamKey& stream);
  mutable dynamodb::StreamPolicies policies_;

  /// The value of aws:ResourceTag/… , where the stream has that tag.
  std::optional<std::vector<std::string>> find_tag(const dynamodb::StreamKey& stream,
                                                   std::string_view key) const;
  /// Another account reads where the stream's policy allows it. Throws AccessDeniedException.
  void require_let_in(const Context& context, const dynamodb::StreamKey& key,
                      std::string_view operation) const;
  /// Throws AccessDeniedException and ResourceNotFoundException.
  dynamodb::KeptStream require_stream(const Context& context, const std::string& arn,
                                      std::string_view operation) const;
};

/// As clients see the number of a change: digits, whose order is that of the changes.
std::string sequence_text(std::uint64_t number);
/// Nothing for what no change has as its number.
std::optional<std::uint64_t> parse_sequence(std::string_view text);

}  // namespace matinee::dynamodbstreams
