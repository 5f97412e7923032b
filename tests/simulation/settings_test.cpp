// Users, keys, parameters, secrets, logs and metrics on a simulated machine that is killed at any
// write: what was acknowledged is there afterwards, and what was not is there as a whole or not.
//
// MATINEE_SEEDS=500 runs so many seeds instead of a few; MATINEE_SEED=17 replays one.
#include <set>

#include "cloud_machine.h"
#include "cloudwatch/client.h"
#include "iam/client.h"
#include "kms/client.h"
#include "logs/client.h"
#include "runtime/task_group.h"
#include "secretsmanager/client.h"
#include "seeds.h"
#include "ssm/client.h"

namespace matinee::simulation {
namespace {

constexpr int names = 6;
constexpr int steps_a_life = 60;
constexpr int lives = 4;

/// What a name may stand for: what was acknowledged last, or what was in doubt when the machine
/// died.
struct State {
  std::optional<std::string> known;
  std::optional<std::optional<std::string>> doubtful;
};
using States = std::map<std::string, State>;

class Settings : public testing::TestWithParam<std::uint64_t> {
 protected:
  CloudMachine machine{GetParam()};
  runtime::SeededRandom dice{GetParam() * 7 + 1};
  States parameters, secrets, policies;
  std::set<std::string> events, doubtful_events;
  std::vector<std::pair<protocol::Blob, std::string>> ciphertexts;
  std::string key;
  double sum = 0, doubtful_sum = 0;
  int written = 0;

  bool has_died() { return machine.machine.disk.has_crashed(); }

  template <class T>
  static runtime::Task<> keep(runtime::Task<T> task, std::optional<T>& result,
                              std::exception_ptr& failure) {
    try {
      result = co_await std::move(task);
    } catch (...) {
      failure = std::current_exception();
    }
  }

  /// Nothing where the machine died before the reply.
  template <class T>
  std::optional<T> call(runtime::Task<T> task) {
    std::optional<T> result;
    std::exception_ptr failure;
    {
      // The group owns the call: what a kill leaves suspended goes with it.
      runtime::TaskGroup calls(1);
      runtime::start(calls.spawn(keep(std::move(task), result, failure)),
                     [](const std::exception_ptr&) {});
      machine.pass_time([&] { return calls.running() == 0; });
    }
    if (failure && !has_died()) std::rethrow_exception(failure);
    EXPECT_TRUE(result || has_died()) << "an operation has not ended";
    if (has_died()) return std::nullopt;
    return result;
  }

  void make_places() {
    call(iam::Client(machine.channel()).create_user({.user_name = "user"}));
    call(logs::Client(machine.channel()).create_log_group({.log_group_name = "group"}));
    call(logs::Client(machine.channel())
             .create_log_stream({.log_group_name = "group", .log_stream_name = "stream"}));
    key = call(kms::Client(machine.channel()).create_key({}))->key_metadata->key_id;
  }

  void step() {
    switch (dice.below(6)) {
      case 0:
        return write(parameters, [&](auto& name, auto& text) { return put_parameter(name, text); });
      case 1:
        return write(secrets, [&](auto& name, auto& text) { return put_secret(name, text); });
      case 2:
        return write(policies, [&](auto& name, auto& text) { return put_policy(name, text); });
      case 3:
        return write_events();
      case 4:
        return encrypt();
      default:
        return measure();
    }
  }

  /// `put` gives back whether it was acknowledged.
  template <class Put>
  void write(States& states, const Put& put) {
    const std::string name = "n" + std::to_string(dice.below(names));
    State& state = states[name];
    std::optional<std::string> text;
    if (dice.below(5) != 0) text = "text" + std::to_string(dice.below(1'000'000'000));
    if (put(name, text))
      state.known = text;
    else
      state.doubtful = text;
  }

  bool put_parameter(const std::string& name, const std::optional<std::string>& text) {
    const ssm::Client client(machine.channel());
    const std::string path = "/all/" + name;
    if (!text) return call(client.delete_parameters({.names = {path}})).has_value();
    return call(client.put_parameter({.name = path,
                                      .value = *text,
                                      .type = name.back() % 2 == 0 ? "String" : "SecureString",
                                      .overwrite = true}))
        .has_value();
  }

  bool put_secret(const std::string& name, const std::optional<std::string>& text) {
    const secretsmanager::Client client(machine.channel());
    const bool exists = secrets[name].known.has_value();
    if (!text)
      return !exists ||
             call(client.delete_secret({.secret_id = name, .force_delete_without_recovery = true}));
    const std::string token =
        "00000000-0000-0000-0000-" + std::to_string(100'000'000'000 + ++written);
    if (!exists)
      return call(client.create_secret(
                      {.name = name, .client_request_token = token, .secret_string = text}))
          .has_value();
    return call(client.put_secret_value(
                    {.secret_id = name, .client_request_token = token, .secret_string = text}))
        .has_value();
  }

  bool put_policy(const std::string& name, const std::optional<std::string>& text) {
    const iam::Client client(machine.channel());
    if (!text)
      return !policies[name].known ||
             call(client.delete_user_policy({.user_name = "user", .policy_name = name}));
    return call(client.put_user_policy({.user_name = "user",
                                        .policy_name = name,
                                        .policy_document = document_of(*text)}))
        .has_value();
  }

  static std::string document_of(const std::string& sid) {
    return R"({"Version":"2012-10-17","Statement":{"Sid":")" + sid +
           R"(","Effect":"Allow","Action":"s3:*","Resource":"*"}})";
  }

  void write_events() {
    logs::PutLogEventsRequest request{.log_group_name = "group", .log_stream_name = "stream"};
    std::set<std::string> texts;
    const auto count = dice.below(20) + 1;
    const std::int64_t now = runtime::to_milliseconds(machine.machine.runtime().clock.now());
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::string text = "event " + std::to_string(++written);
      request.log_events.push_back({.timestamp = now, .message = text});
      texts.insert(text);
    }
    if (call(logs::Client(machine.channel()).put_log_events(std::move(request))))
      events.merge(texts);
    else
      doubtful_events = texts;
  }

  void encrypt() {
    const std::string text = "plain " + std::to_string(++written);
    const auto reply =
        call(kms::Client(machine.channel()).encrypt({.key_id = key, .plaintext = {.bytes = text}}));
    if (reply) ciphertexts.emplace_back(*reply->ciphertext_blob, text);
    if (dice.below(10) == 0)
      call(kms::Client(machine.channel()).rotate_key_on_demand({.key_id = key}));
  }

  void measure() {
    const auto value = static_cast<double>(dice.below(100) + 1);
    const auto reply =
        call(cloudwatch::Client(machine.channel())
                 .put_metric_data({.namespace_ = "sim",
                                   .metric_data = std::vector<cloudwatch::MetricDatum>{
                                       {.metric_name = "m", .value = value}}}));
    if (reply)
      sum += value;
    else
      doubtful_sum = value;
  }

  void check() {
    check_states(parameters, "parameter", [&](const std::string& name) {
      std::optional<std::string> text;
      const auto reply = machine.wait_for(
          ssm::Client(machine.channel())
              .get_parameters({.names = {"/all/" + name}, .with_decryption = true}));
      if (reply.parameters && !reply.parameters->empty()) text = reply.parameters->front().value;
      return text;
    });
    check_states(secrets, "secret", [&](const std::string& name) {
      return unless_missing([&] {
        return machine
            .wait_for(
                secretsmanager::Client(machine.channel()).get_secret_value({.secret_id = name}))
            .secret_string;
      });
    });
    check_states(policies, "policy", [&](const std::string& name) {
      return unless_missing([&]() -> std::optional<std::string> {
        const std::string text =
            machine
                .wait_for(iam::Client(machine.channel())
                              .get_user_policy({.user_name = "user", .policy_name = name}))
                .policy_document;
        const std::size_t begin = text.find("text");
        return text.substr(begin, text.find_first_of("%\"", begin) - begin);
      });
    });
    check_events();
    check_ciphertexts();
    check_sum();
  }

  template <class Read>
  static std::optional<std::string> unless_missing(const Read& read) {
    try {
      return read();
    } catch (const protocol::ServiceError& error) {
      EXPECT_TRUE(error.name().starts_with("ResourceNotFound") ||
                  error.name().starts_with("NoSuchEntity"))
          << error.name();
      return std::nullopt;
    }
  }

  template <class Read>
  static void check_states(States& states, const char* what, const Read& read) {
    for (auto& [name, state] : states) {
      const std::optional<std::string> found = read(name);
      EXPECT_TRUE(found == state.known || (state.doubtful && found == *state.doubtful))
          << what << " " << name << " is " << found.value_or("(nothing)") << ", not "
          << state.known.value_or("(nothing)");
      state = {.known = found, .doubtful = std::nullopt};
    }
  }

  void check_events() {
    std::set<std::string> found;
    logs::FilterLogEventsRequest request{.log_group_name = "group"};
    do {
      auto page = machine.wait_for(logs::Client(machine.channel()).filter_log_events(request));
      for (const auto& event : page.events.value_or(std::vector<logs::FilteredLogEvent>{}))
        EXPECT_TRUE(found.insert(event.message.value_or("")).second) << "an event is there twice";
      request.next_token = page.next_token;
    } while (request.next_token);
    std::set<std::string> with_doubtful = events;
    with_doubtful.insert(doubtful_events.begin(), doubtful_events.end());
    EXPECT_TRUE(found == events || found == with_doubtful)
        << found.size() << " events instead of " << events.size();
    events = found;
    doubtful_events.clear();
  }

  void check_ciphertexts() {
    for (const auto& [blob, text] : ciphertexts)
      EXPECT_EQ(machine.wait_for(kms::Client(machine.channel()).decrypt({.ciphertext_blob = blob}))
                    .plaintext->bytes,
                text);
  }

  void check_sum() {
    const auto now = std::chrono::floor<std::chrono::hours>(machine.machine.runtime().clock.now());
    const auto reply = machine.wait_for(
        cloudwatch::Client(machine.channel())
            .get_metric_statistics({.namespace_ = "sim",
                                    .metric_name = "m",
                                    .start_time = now - std::chrono::hours(24),
                                    .end_time = now + std::chrono::hours(1),
                                    .period = 3'600,
                                    .statistics = std::vector<std::string>{"Sum"}}));
    double found = 0;
    for (const auto& point : reply.datapoints.value_or(std::vector<cloudwatch::Datapoint>{}))
      found += point.sum.value_or(0);
    EXPECT_TRUE(found == sum || found == sum + doubtful_sum) << found << " instead of " << sum;
    sum = found;
    doubtful_sum = 0;
  }
};

TEST_P(Settings, are_kept_whenever_the_machine_dies) {
  SCOPED_TRACE("replay with MATINEE_SEED=" + std::to_string(GetParam()));
  make_places();
  for (int life = 0; life < lives && !HasFailure(); ++life) {
    machine.kill_after(dice.below(steps_a_life) + 1);
    for (int i = 0; i < 2 * steps_a_life && !has_died(); ++i) step();
    machine.stop();
    machine.start();
    check();
  }
}

constexpr std::uint64_t seeds_of_every_run = 12;

INSTANTIATE_TEST_SUITE_P(Seeds, Settings, testing::ValuesIn(chosen_seeds(seeds_of_every_run)));

}  // namespace
}  // namespace matinee::simulation
