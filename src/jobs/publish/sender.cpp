// Sending, and what a queue may answer. Entries of a batch are named by their place in it.
#include "jobs/publish/sender.h"

#include <fmt/format.h>

#include "client/endpoints.h"
#include "jobs/report.h"

namespace matinee::jobs::publish {

namespace {

/// Calls in a row that take nothing of what is left of a batch, before that has failed.
constexpr int most_attempts = 8;
/// A queue that is asked too often gets more patience: there is nothing wrong with the messages.
constexpr int most_throttled_attempts = 40;
constexpr std::size_t most_failures = 10;

bool is_missing(const protocol::ServiceError& error) {
  return error.is<sqs::QueueDoesNotExist>() || error.code().contains("NonExistentQueue");
}

bool is_at_aws(const std::string& url) {
  return url.contains(".amazonaws.com");
}

/// "eu-west-1" of "https://sqs.eu-west-1.amazonaws.com/..."; empty for other forms.
std::string region_of(const std::string& url) {
  constexpr std::string_view begin = "://sqs.";
  const std::size_t place = url.find(begin);
  if (place == std::string::npos) return "";
  const std::size_t first = place + begin.size();
  return url.substr(first, url.find('.', first) - first);
}

/// Host and port, with one name for this machine, whatever it is called.
std::string place_of(std::string_view url) {
  std::string host = client::host_of_url(url);
  if (client::is_loopback_url(url)) {
    const std::size_t colon = host.rfind(':');
    const bool has_port = colon != std::string::npos && !host.ends_with(']');
    host = "localhost" + (has_port ? host.substr(colon) : "");
  }
  return host;
}

/// Where `matinee up` is unless it is told otherwise: the address that its queues' URLs have, and
/// that the cloud inside this program gives them.
constexpr std::string_view usual_place = "localhost:4566";

}  // namespace

void Sender::check_place() const {
  const std::string& url = options_.queue;
  if (!url.contains("://")) return;
  if (is_at_aws(url) && options_.cloud_id.starts_with("embedded"))
    throw JobError(
        fmt::format("The queue {} is at AWS, and the bucket would be looked for in {}; "
                    "add --cloud aws.",
                    url, options_.cloud));
  if (!is_at_aws(url) && options_.cloud_id == "aws")
    throw JobError(
        fmt::format("The queue {} is not at AWS; name its cloud with --cloud URL.", url));
  const std::string place = place_of(url);
  if (!is_at_aws(url) && place != usual_place && place != place_of(options_.server_url))
    throw JobError(fmt::format(
        "The queue {} is at {}, and not in {}; name its cloud with --cloud URL, or give "
        "the queue's name alone.",
        shortened(url), client::host_of_url(url), options_.cloud));
  const std::string region = region_of(url);
  if (is_at_aws(url) && options_.cloud_id == "aws" && !region.empty() && region != options_.region)
    throw JobError(
        fmt::format("The queue {} is in {}, and the region is {}; bucket and queue must "
                    "be in one region, named with --region.",
                    url, region, options_.region));
}

void Sender::explain(const protocol::ServiceError& error) const {
  if (is_missing(error))
    throw JobError(fmt::format("There is no queue {} in {} ({}).", options_.queue, options_.cloud,
                               options_.region));
  if (error.status() == 403 || error.code().contains("AccessDenied"))
    throw JobError(
        fmt::format("Nothing may be sent to the queue {}, which needs sqs:SendMessage: "
                    "{}",
                    options_.queue, sentence_of(error, options_.cloud)));
  throw JobError(sentence_of(error, options_.cloud));
}

runtime::Task<> Sender::require_queue() {
  check_place();
  try {
    queue_url_ = options_.queue;
    if (!options_.queue.contains("://")) {
      sqs::GetQueueUrlRequest request{.queue_name = options_.queue};
      queue_url_ = (co_await client_.get_queue_url(std::move(request))).queue_url.value_or("");
    }
    sqs::GetQueueAttributesRequest request{.queue_url = queue_url_};
    request.attribute_names.emplace().push_back("QueueArn");
    co_await client_.get_queue_attributes(std::move(request));
  } catch (const protocol::ServiceError& error) {
    // Who may send need not have the right to look.
    const bool may_send = options_.queue.contains("://") && !is_missing(error) &&
                          (error.status() == 403 || error.code().contains("AccessDenied"));
    if (!may_send) explain(error);
  }
}

bool Sender::is_dropped_when_repeated(const Doubt& doubt) const {
  const runtime::Time now = backoff_.clock().now();
  return options_.is_fifo() && now < doubt.first_sent + deduplication_window - deduplication_margin;
}

std::vector<Sender::Request> Sender::make_requests(const std::vector<Entry>& batch) {
  std::vector<Request> requests;
  requests.reserve(batch.size());
  for (const Entry& entry : batch) {
    OutgoingMessage message = messages_.make(entry);
    Request& request = requests.emplace_back();
    request.id = std::to_string(requests.size() - 1);
    request.message_body = std::move(message.body);
    if (!options_.is_fifo()) continue;
    request.message_deduplication_id = std::move(message.deduplication_id);
    request.message_group_id = std::move(message.group);
  }
  return requests;
}

runtime::Task<> Sender::send(std::vector<Entry> batch, LaneWriter& lane) {
  const runtime::Time now = backoff_.clock().now();
  for (Entry& entry : batch)
    if (!entry.doubt)
      entry.doubt = Doubt{.first_sent = now, .groups = static_cast<std::uint32_t>(options_.groups)};
  const std::uint32_t number = lane.intend(batch);
  const TakenMask taken = co_await send_all(batch);
  lane.conclude(number, taken);
  const auto count = static_cast<std::uint64_t>(std::popcount(taken));
  published_ += count;
  if (options_.is_fifo() && backoff_.clock().now() > now + deduplication_window) late_ += count;
  on_batch();
}

runtime::Task<TakenMask> Sender::send_all(const std::vector<Entry>& batch) {
  auto taken = static_cast<TakenMask>((1U << batch.size()) - 1);
  std::vector<Request> left = make_requests(batch);
  for (int attempt = 0; !left.empty();) {
    const auto response = co_await call(left);
    const std::size_t before = left.size();
    const bool is_last = attempt + 1 >= most_attempts;
    std::vector<Request> again;
    for (const sqs::BatchResultErrorEntry& failure : response.failed) {
      const auto place = std::ranges::find(left, failure.id, &Request::id);
      if (place == left.end()) continue;
      const protocol::ServiceError error(failure.code, failure.sender_fault ? 400 : 503, "");
      const std::size_t index = std::stoul(place->id);
      if (!is_last && (!failure.sender_fault || client::is_throttling(error))) {
        again.push_back(std::move(*place));
        continue;
      }
      refuse(batch[index], failure);
      taken &= static_cast<TakenMask>(~(1U << index));
    }
    left = std::move(again);
    attempt = left.size() < before ? 1 : attempt + 1;
    if (!left.empty()) co_await backoff_.pause(attempt);
  }
  co_return taken;
}

runtime::Task<sqs::SendMessageBatchResponse> Sender::call(std::vector<Request> entries) {
  for (int attempt = 1;; ++attempt) {
    try {
      sqs::SendMessageBatchRequest request{.queue_url = queue_url_, .entries = entries};
      co_return co_await client_.send_message_batch(std::move(request));
    } catch (const protocol::ServiceError& error) {
      if (!client::is_throttling(error) || attempt >= most_throttled_attempts) explain(error);
    }
    co_await backoff_.pause(attempt);
  }
}

void Sender::refuse(const Entry& entry, const sqs::BatchResultErrorEntry& failure) {
  fail(entry.key,
       fmt::format("{}: {}", failure.code, failure.message.value_or("the queue gives no reason")));
}

void Sender::fail(const std::string& key, const std::string& reason) {
  ++failed_;
  if (failures_.size() < most_failures) failures_.push_back(fmt::format("{}: {}", key, reason));
}

}  // namespace matinee::jobs::publish
