// What the operations share: topics in memory, the signing key, sequences, where the server is.
#include "services/sns/service.h"

#include <fmt/format.h>

#include "protocol/base64.h"
#include "protocol/sigv4.h"
#include "services/sns/named.h"
#include "sns/operations.h"

namespace matinee::sns {

namespace {

/// Sequences are reserved in the store for so long ahead, by a small write now and then.
constexpr std::uint64_t sequence_reserve = 10'000;  // microseconds
constexpr std::uint64_t sequences_a_microsecond = 1000;

constexpr std::uint8_t key_entry = 1;
constexpr std::uint8_t certificate_entry = 2;
constexpr storage::TableId removed_table{0x0510};

constexpr std::string_view service_principal = "sns.amazonaws.com";

std::string certificate_name_of(std::string_view pem) {
  constexpr std::size_t digits = 32;
  return fmt::format("SimpleNotificationService-{}.pem",
                     protocol::sigv4::to_hex(protocol::sigv4::sha256(pem)).substr(0, digits));
}

template <class Table>
void erase_covered(Table& table, const services::ResetScope& scope) {
  table.erase_range(scope.account ? table.prefix(*scope.account) : table.all());
}

}  // namespace

Service::Service(storage::Store& store, runtime::Runtime& runtime, const Neighbours& neighbours)
    : ServiceBase(sns::model),
      store_(store),
      runtime_(runtime),
      neighbours_(neighbours),
      counters_(store, counters_table),
      topics_table_(store, topics_table),
      subscriptions_(store, subscriptions_table),
      owners_(store, owners_table),
      subscribed_(store, subscribed_table),
      removed_(store, removed_table),
      deduplication_(store, deduplication_table),
      archive_(store, archive_table),
      replays_(store, replays_table),
      applications_(store, applications_table),
      devices_(store, devices_table),
      device_tokens_(store, device_tokens_table),
      sms_(store, sms_table),
      sandbox_(store, sandbox_table),
      opted_out_(store, opted_out_table),
      signing_(store, signing_table),
      measures_(store, runtime.clock, neighbours.metrics, put_counts),
      people_(store, runtime.clock) {
  reserved_sequence_ = counters_.find(Counter::reserved_sequence).value_or(0);
  last_sequence_ = reserved_sequence_;
  if (const std::optional<std::string> pem = signing_.find(certificate_entry)) {
    certificate_name_ = certificate_name_of(*pem);
    certificates_->set(certificate_name_, *pem);
  }
  if (neighbours_.outbox) {
    neighbours_.outbox->listen(std::string(service_principal), *this);
    for (const char* kind : {"mailto:", "sms:", "push:"})
      neighbours_.outbox->provide(kind, people_);
  }
  resume_replays();
}

Service::~Service() {
  runtime_.clock.cancel(replay_timer_);
}

LiveTopic* Service::find_topic(const std::string& arn) const {
  if (const auto found = topics_.find(arn); found != topics_.end()) return found->second.get();
  std::optional<TopicKey> key = find_topic_key(arn);
  if (!key) return nullptr;
  std::optional<TopicRecord> record = topics_table_.find(key->stored());
  if (!record) return nullptr;
  auto topic = std::make_unique<LiveTopic>(*std::move(key), *std::move(record));
  return topics_.emplace(arn, std::move(topic)).first->second.get();
}

LiveTopic& Service::require_topic(const Context& context, std::string_view parameter,
                                  const std::string& arn) {
  note_address(context);
  require_topic_key(context, parameter, arn);
  // Nothing refers to topics between two operations.
  if (topics_.size() > most_topics) topics_.clear();
  LiveTopic* topic = find_topic(arn);
  if (!topic) throw NotFoundException("Topic does not exist");
  return *topic;
}

/// For whoever changes what is in memory.
void Service::forget_on_rollback(const std::string& arn) {
  store_.on_rollback([this, arn] { forget(arn); });
}

void Service::change_record(LiveTopic& topic, TopicRecord record) {
  topics_table_.put(topic.key.stored(), record);
  forget_on_rollback(topic.arn);
  topic.record = std::move(record);
  topic.settings = read_settings(topic.key, topic.record);
}

bool Service::read_subscriptions(LiveTopic& topic) {
  if (topic.has_all_read) return true;
  constexpr std::size_t piece = 16;
  const auto& [account, region, name] = topic.key;
  if (!topic.subscriptions) topic.subscriptions.emplace();
  storage::KeyRange range = subscriptions_.prefix(account, region, name);
  if (!topic.read_to.empty())
    range = subscriptions_.after(range, {account, region, name, topic.read_to});
  std::size_t count = 0;
  for (auto place = subscriptions_.cursor(range); place.valid(); place.next()) {
    if (++count % piece == 0 && runtime_.loop.turns().is_over()) return false;
    topic.read_to = std::get<3>(place.key());
    const SubscriptionRecord record = place.record();
    if (!record.pending) topic.subscriptions->put(topic.read_to, record);
  }
  topic.has_all_read = true;
  return true;
}

void Service::require_subscriptions(LiveTopic& topic) {
  if (!read_subscriptions(topic)) throw services::Later([] {});
}

void Service::forget(const std::string& arn) {
  const auto found = topics_.find(arn);
  if (found == topics_.end()) return;
  std::unique_ptr<LiveTopic> topic = std::move(found->second);
  topics_.erase(found);
  if (topic->subscriptions)
    runtime::start(freeing_.spawn(free_in_turns(std::move(topic))), [](std::exception_ptr) {});
}

runtime::Task<> Service::free_in_turns(std::unique_ptr<LiveTopic> topic) {
  while (topic->subscriptions->free_some())
    if (runtime_.loop.turns().is_over()) co_await runtime_.loop.turns().next();
}

/// Made when the first message is signed: that takes some milliseconds, most of them for the
/// certificate.
void Service::load_signing_key() {
  if (signing_key_) return;
  if (const std::optional<std::string> stored = signing_.find(key_entry)) {
    SigningKey::Primes primes{};
    if (stored->size() != sizeof(primes)) throw storage::DamagedRecord("a signing key of no size");
    std::memcpy(primes.data(), stored->data(), sizeof(primes));
    signing_key_ = std::make_unique<SigningKey>(primes);
    return;
  }
  const SigningKey::Primes primes = SigningKey::make_primes(runtime_.random);
  auto key = std::make_unique<SigningKey>(primes);
  const std::string pem = key->make_certificate(now());
  signing_.put(key_entry,
               std::string(reinterpret_cast<const char*>(primes.data()), sizeof(primes)));
  signing_.put(certificate_entry, pem);
  store_.on_rollback([this] { signing_key_.reset(); });
  certificate_name_ = certificate_name_of(pem);
  store_.on_commit([this, pem] { certificates_->set(certificate_name_, pem); });
  signing_key_ = std::move(key);
}

Signer Service::signer_for(const Context& context, const LiveTopic* topic) {
  load_signing_key();
  return {.key = signing_key_.get(),
          .certificate_name = certificate_name_,
          .address = address_of(context),
          .with_sha256 = topic && topic->settings.signs_with_sha256};
}

/// Other services call in process, and know nothing of where the server is. Who follows a link
/// without a signature could say any host, and messages to others would lead there.
void Service::note_address(const Context& context) {
  if (context.host.empty() || !context.service_principal.empty() || context.source_ip.empty() ||
      context.anonymous)
    return;
  const std::string_view scheme = context.secure ? "https://" : "http://";
  if (address_.starts_with(scheme) &&
      std::string_view(address_).substr(scheme.size()) == context.host)
    return;
  address_ = fmt::format("{}{}", scheme, context.host);
}

std::string Service::address_of(const Context&) const {
  return address_;
}

std::uint64_t Service::next_sequence() {
  last_sequence_ = std::max(last_sequence_ + 1, sequence_at(now()));
  if (last_sequence_ >= reserved_sequence_) {
    store_.on_rollback([this] { reserved_sequence_ = 0; });
    reserved_sequence_ = last_sequence_ + sequence_reserve * sequences_a_microsecond;
    counters_.put(Counter::reserved_sequence, reserved_sequence_);
  }
  return last_sequence_;
}

/// What an account has subscribed to topics of others goes too.
void Service::remove_all_of(const std::string& account) {
  std::vector<std::string> arns;
  topics_table_.scan(
      topics_table_.prefix(account), [&](const StoredTopic& key, const TopicRecord&) {
        arns.push_back(
            arn_of({.account = account, .region = std::get<1>(key), .name = std::get<2>(key)}));
        return true;
      });
  for (const std::string& arn : arns)
    if (LiveTopic* topic = find_topic(arn)) remove_topic(*topic);
  arns.clear();
  owners_.scan(owners_.prefix(account), [&](const auto& key, const std::string&) {
    arns.push_back(std::get<2>(key));
    return true;
  });
  for (const std::string& arn : arns)
    if (const std::optional<Named> named = find_subscription(arn)) remove_subscription(*named);
}

void Service::reset(const services::ResetScope& scope) {
  if (scope.account) {
    remove_all_of(*scope.account);
  } else {
    const auto erase = [](auto&... table) { (table.erase_range(table.all()), ...); };
    erase(subscriptions_, subscribed_, owners_, removed_, replays_);
    erase(deduplication_, archive_, topics_table_);
    store_.on_commit([this] { topics_.clear(); });
  }
  people_.reset(scope);
  erase_covered(applications_, scope);
  erase_covered(devices_, scope);
  erase_covered(device_tokens_, scope);
  erase_covered(sms_, scope);
  erase_covered(sandbox_, scope);
  erase_covered(opted_out_, scope);
}

std::string page_token(std::string_view last) {
  return protocol::base64_encode(last);
}

std::string require_page_token(std::string_view token) {
  std::optional<std::string> last = protocol::base64_decode(token);
  if (!last) refuse("NextToken");
  return *std::move(last);
}

}  // namespace matinee::sns
