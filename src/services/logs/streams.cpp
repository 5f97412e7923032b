// Log streams: made, removed, listed.
#include <algorithm>

#include "services/logs/service.h"

namespace matinee::logs {

namespace {

constexpr std::size_t default_page = 50;

LogStream describe(const Group& group, const Stream& stream) {
  const StreamRecord& record = stream.record;
  LogStream described{.log_stream_name = stream.name,
                      .creation_time = record.created,
                      .first_event_timestamp = record.first_event,
                      .last_event_timestamp = record.last_event,
                      .last_ingestion_time = record.last_ingestion,
                      .arn = arn_of(group) + ":log-stream:" + stream.name,
                      .stored_bytes = 0};
  if (record.last_sequence != 0)
    described.upload_sequence_token = to_digits(
        {.time = *record.last_ingestion, .sequence = record.last_sequence}, group.record.number);
  return described;
}

/// The page of the streams of a group that a listing asks for, from all that are offered to it.
class StreamPage {
 public:
  /// By the time of the last event; those without events count as the oldest.
  using Place = std::pair<Milliseconds, std::string>;

  StreamPage(const DescribeLogStreamsRequest& request, std::optional<Place> after)
      : by_time_(request.order_by == "LastEventTime"),
        descending_(request.descending.value_or(false)),
        limit_(static_cast<std::size_t>(request.limit.value_or(std::int32_t{default_page}))),
        after_(std::move(after)) {}

  Place place_of(const Stream& stream) const {
    return {by_time_ ? stream.record.last_event.value_or(0) : 0, stream.name};
  }
  bool comes_before(const Place& one, const Place& other) const {
    return descending_ ? other < one : one < other;
  }
  /// Keeps one more than the page has, to know whether there are more.
  void offer(Stream stream) {
    Place place = place_of(stream);
    if (after_ && !comes_before(*after_, place)) return;
    const auto order = [this](const Stream& one, const Stream& other) {
      return comes_before(place_of(one), place_of(other));
    };
    kept_.push_back(std::move(stream));
    std::ranges::push_heap(kept_, order);
    if (kept_.size() <= limit_ + 1) return;
    std::ranges::pop_heap(kept_, order);
    kept_.pop_back();
  }
  /// By name and ascending, nothing that is offered later can be part of it.
  bool is_complete() const { return !by_time_ && !descending_ && kept_.size() > limit_; }

  std::vector<Stream> finish() {
    std::ranges::sort(kept_, [this](const Stream& one, const Stream& other) {
      return comes_before(place_of(one), place_of(other));
    });
    has_more_ = kept_.size() > limit_;
    if (has_more_) kept_.pop_back();
    return std::move(kept_);
  }
  bool has_more() const { return has_more_; }

 private:
  bool by_time_;
  bool descending_;
  std::size_t limit_;
  std::optional<Place> after_;
  std::vector<Stream> kept_;
  bool has_more_ = false;
};

/// "1700000000000/name".
StreamPage::Place read_place(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos)
    throw InvalidParameterException("The specified nextToken is invalid.");
  return {std::strtoll(text.c_str(), nullptr, 10), text.substr(slash + 1)};
}

}  // namespace

CreateLogStreamResponse Service::create_log_stream(const Context& context,
                                                   const CreateLogStreamRequest& request) {
  const Group group = require_group(context, request.log_group_name);
  if (catalog_.find_stream(group.record.number, request.log_stream_name))
    throw ResourceAlreadyExistsException("The specified log stream already exists");
  catalog_.add_stream(group.record.number, request.log_stream_name, now());
  return {};
}

DeleteLogStreamResponse Service::delete_log_stream(const Context& context,
                                                   const DeleteLogStreamRequest& request) {
  const Group group = require_group(context, request.log_group_name);
  const Stream stream = require_stream(group, request.log_stream_name);
  if (group.record.deletion_protection)
    throw ValidationException(
        "The log group of the specified log stream has deletion protection enabled.");
  catalog_.remove(group.record.number, stream);
  store_.on_commit([this] { housekeeping_.wake(); });
  return {};
}

runtime::Task<DescribeLogStreamsResponse> Service::describe_log_streams(
    const Context& context, const DescribeLogStreamsRequest& request) {
  const bool by_time = request.order_by == "LastEventTime";
  if (by_time && request.log_stream_name_prefix)
    throw InvalidParameterException("Cannot order by LastEventTime with a logStreamNamePrefix.");
  const Group group = require_group(context, request.log_group_name, request.log_group_identifier);
  const std::string kind = std::string("streams") + (by_time ? "t" : "n") +
                           (request.descending.value_or(false) ? "d" : "a") +
                           std::to_string(group.record.number);
  std::optional<StreamPage::Place> after;
  if (request.next_token) after = read_place(read_page_token(kind, *request.next_token));
  StreamPage page(request, after);
  const std::string prefix = request.log_stream_name_prefix.value_or("");
  const GroupNumber number = group.record.number;
  auto place = catalog_.streams.cursor(catalog_.streams.prefix(number));
  const bool ascending = !request.descending.value_or(false);
  const std::string first = after && !by_time && ascending ? after->second : std::string();
  place.seek(std::tuple(number, std::max(prefix, first)));
  runtime::Turns& turns = runtime_.loop.turns();
  for (; place.valid() && !page.is_complete(); place.next()) {
    if (turns.is_over()) co_await turns.next();
    Stream stream{.name = std::get<1>(place.key()), .record = place.record()};
    if (!stream.name.starts_with(prefix)) break;
    page.offer(std::move(stream));
  }
  DescribeLogStreamsResponse response;
  std::vector<LogStream>& described = response.log_streams.emplace();
  const std::vector<Stream> streams = page.finish();
  for (const Stream& stream : streams) described.push_back(describe(group, stream));
  if (page.has_more()) {
    const auto& [time, name] = page.place_of(streams.back());
    response.next_token = page_token(kind, std::to_string(time) + "/" + name);
  }
  co_return response;
}

}  // namespace matinee::logs
