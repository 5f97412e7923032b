// How long a small read waits while somebody else makes the server do what takes it longest.
#include <fmt/format.h>

#include <functional>

#include "dynamodb_load.h"
#include "fairness_load.h"
#include "figures.h"
#include "measuring.h"
#include "requests.h"
#include "s3_load.h"

namespace bench {
namespace {

constexpr std::uint64_t kItems = 300'000;
constexpr std::uint64_t kKeys = 100'000;
constexpr int kBuckets = 10'000;
constexpr int kParts = 10'000;
constexpr double kP99Target = 20;
constexpr double kWorstTarget = 50;

/// PutItem of small items, as many as there are keys.
class SmallItems : public KeyedLoad {
 public:
  SmallItems(std::uint16_t port, std::string_view table, int connections)
      : KeyedLoad(dynamodb_call(port, "PutItem",
                                fmt::format(R"({{"TableName":"{}","Item":{{"id":{{"S":"key{}"}},)"
                                            R"("v":{{"S":"{}"}}}}}})",
                                            table, kNumberPlace, std::string(100, 'x'))),
                  connections, 100'000'000) {}
  std::uint64_t accept(int, std::string_view) override { return 1; }
};

/// One request, again and again under new numbers.
class Numbered : public KeyedLoad {
 public:
  Numbered(const std::string& request, int connections)
      : KeyedLoad(request, connections, 100'000'000) {}
  std::uint64_t accept(int, std::string_view) override { return 1; }
};

class Fairness {
 public:
  Fairness(const Settings& settings, std::uint16_t port)
      : settings_(settings), port_(port), probe_(port) {}

  std::vector<Figure> measure();

 private:
  const Settings& settings_;
  std::uint16_t port_;
  Probe probe_;
  std::vector<Figure> figures_;

  void fill(Workload& workload, std::uint64_t units) const;
  void row(const std::string& name, const std::function<void()>& load);
  /// Repeats `once` for a few seconds.
  void repeated(const std::string& name, const std::function<void()>& once);

  void dynamodb_reads();
  void dynamodb_writes();
  void s3_listings();
  void s3_deletions();
  void large_requests();
  std::string begin_upload() const;
};

void Fairness::fill(Workload& workload, std::uint64_t units) const {
  LoadPlan plan = plan_for(settings_, port_);
  plan.warm_up_seconds = 0;
  plan.seconds = 600;
  plan.units = units;
  run_load(plan, workload);
}

void Fairness::row(const std::string& name, const std::function<void()>& load) {
  Figure p99{.name = "p99 beside " + name,
             .unit = "ms",
             .target = kP99Target,
             .better = Better::lower,
             .note = {},
             .failure = {}};
  Figure worst{.name = "worst beside " + name,
               .unit = "ms",
               .target = kWorstTarget,
               .better = Better::lower,
               .note = {},
               .failure = {}};
  try {
    const Probe::Waits waits = probe_.measure(load);
    p99.measured = waits.p99_ms;
    p99.note = fmt::format("{} reads", waits.count);
    worst.measured = waits.worst_ms;
    worst.note = fmt::format("the probe itself woke up {:.1f} ms late once", waits.worst_idle_ms);
  } catch (const std::exception& error) {
    p99.failure = worst.failure = error.what();
  }
  figures_.push_back(std::move(p99));
  figures_.push_back(std::move(worst));
}

void Fairness::repeated(const std::string& name, const std::function<void()>& once) {
  row(name, [&] {
    const double end = now_seconds() + settings_.seconds;
    do once();
    while (now_seconds() < end);
  });
}

void Fairness::dynamodb_reads() {
  create_table(port_, "many");
  SmallItems items(port_, "many", settings_.connections);
  fill(items, kItems);
  const std::string simple =
      R"(,"FilterExpression":"v = :v","ExpressionAttributeValues":{":v":{"S":"none"}})";
  row("a filtered scan", [&] { scan_table(port_, "many", simple); });
  row("six filtered scans",
      [&] { run_clients(6, [&](int) { scan_table(port_, "many", simple); }); });
  row("four scans of everything",
      [&] { run_clients(4, [&](int) { scan_table(port_, "many", ""); }); });
  const std::string hard = fmt::format(
      R"(,"FilterExpression":"{}","ExpressionAttributeValues":{{{}}})", contains_terms(90, "v"),
      contains_values(90, [](int i) { return std::string(50, 'x') + fmt::format("q{}", i); }));
  row("a scan with 90 contains", [&] { scan_table(port_, "many", hard); });

  create_table(port_, "long");
  require_success(port_,
                  dynamodb_call(port_, "PutItem",
                                fmt::format(R"({{"TableName":"long","Item":{{"id":{{"S":"y"}},)"
                                            R"("v":{{"S":"{}"}}}}}})",
                                            std::string(390'000, 'y'))));
  const std::string condition = dynamodb_call(
      port_, "DeleteItem",
      fmt::format(R"({{"TableName":"long","Key":{{"id":{{"S":"y"}}}},"ConditionExpression":"{}",)"
                  R"("ExpressionAttributeValues":{{{}}}}})",
                  contains_terms(100, "v"), contains_values(100, [](int i) {
                    return std::string(15'000, 'y') + static_cast<char>('a' + i % 20);
                  })));
  repeated("a condition of 100 contains", [&] { send_once(port_, condition); });
}

void Fairness::dynamodb_writes() {
  std::string puts;
  for (int i = 0; i < 25; ++i)
    puts +=
        fmt::format(R"({}{{"PutRequest":{{"Item":{{"id":{{"S":"large{}"}},"v":{{"S":"{}"}}}}}}}})",
                    i == 0 ? "" : ",", i, std::string(390'000, 'x'));
  const std::string batch = dynamodb_call(
      port_, "BatchWriteItem", fmt::format(R"({{"RequestItems":{{"long":[{}]}}}})", puts));
  repeated("BatchWriteItem of 25 items of 390 kB", [&] { require_success(port_, batch); });

  puts.clear();
  for (int i = 0; i < 100; ++i)
    puts += fmt::format(R"({}{{"Put":{{"TableName":"long","Item":{{"id":{{"S":"t{}"}},)"
                        R"("v":{{"S":"{}"}}}}}}}})",
                        i == 0 ? "" : ",", i, std::string(39'000, 'x'));
  const std::string transaction =
      dynamodb_call(port_, "TransactWriteItems", fmt::format(R"({{"TransactItems":[{}]}})", puts));
  repeated("TransactWriteItems of 100 items of 39 kB",
           [&] { require_success(port_, transaction); });
  row("DeleteTable of 300,000 items, and 5 s after it", [&] {
    require_success(port_, dynamodb_call(port_, "DeleteTable", R"({"TableName":"many"})"));
    std::this_thread::sleep_for(std::chrono::seconds(5));
  });
}

void Fairness::s3_listings() {
  Numbered buckets(
      s3_request(port_,
                 {.method = "PUT", .path = fmt::format("/bucket-{}", kNumberPlace), .body = {}}),
      settings_.connections);
  fill(buckets, kBuckets);
  repeated("ListBuckets of 10,000", [&] {
    require_success(port_, s3_request(port_, {.method = "GET", .path = "/", .body = {}}));
  });
  create_bucket(port_, "listed");
  PutKeyLoad keys(port_, "listed", settings_.connections);
  fill(keys, kKeys);
  row("ListObjectsV2 of 100,000 keys", [&] { list_bucket(port_, "listed", kKeys); });
  row("four ListObjectsV2 of 100,000 keys",
      [&] { run_clients(4, [&](int) { list_bucket(port_, "listed", kKeys); }); });
}

std::string Fairness::begin_upload() const {
  const Answer answer = require_success(
      port_, s3_request(port_, {.method = "POST", .path = "/listed/upload?uploads", .body = {}}));
  const std::string_view opening = "<UploadId>";
  const std::size_t from = answer.body.find(opening) + opening.size();
  return answer.body.substr(from, answer.body.find('<', from) - from);
}

void Fairness::s3_deletions() {
  const std::string id = begin_upload();
  Numbered parts(s3_request(port_, {.method = "PUT",
                                    .path = fmt::format("/listed/upload?uploadId={}&partNumber={}",
                                                        id, kNumberPlace),
                                    .body = "content of a part"}),
                 settings_.connections);
  parts.next_request(0);  // parts count from one
  // Some more are on their way when the last one counts.
  fill(parts, kParts - 100);
  std::string list = "<CompleteMultipartUpload>";
  for (int number = 1; number <= kParts; ++number)
    list += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>\"{}\"</ETag></Part>", number,
                        "2d6b3b1eb0d5b7f4ba5a0b3ddbe4bdcd");
  list += "</CompleteMultipartUpload>";
  const std::string complete = s3_request(
      port_,
      {.method = "POST", .path = fmt::format("/listed/upload?uploadId={}", id), .body = list});
  repeated("CompleteMultipartUpload naming 10,000 parts", [&] { send_once(port_, complete); });
  row("AbortMultipartUpload of 10,000 parts, and 2 s after it", [&] {
    require_success(port_, s3_request(port_, {.method = "DELETE",
                                              .path = fmt::format("/listed/upload?uploadId={}", id),
                                              .body = {}}));
    std::this_thread::sleep_for(std::chrono::seconds(2));
  });
  row("DeleteObjects of 1,000 keys, 20 times", [&] {
    for (int page = 0; page < 20; ++page)
      require_success(port_, delete_objects_call(port_, "listed", page * 1000, 1000));
  });
}

void Fairness::large_requests() {
  std::string form = "Action=SendMessage";
  while (form.size() < 15'900'000) form += "&a=b";
  const std::string parameters = form_call(port_, form);
  repeated("a form of 4 million parameters", [&] { send_once(port_, parameters); });

  form = "Action=SendMessageBatch&QueueUrl=q";
  for (int i = 1; i <= 100'000; ++i)
    form += fmt::format("&SendMessageBatchRequestEntry.{}.Id=a", i);
  const std::string entries = form_call(port_, form);
  repeated("a form of 100,000 entries", [&] { send_once(port_, entries); });

  std::string members;
  for (int i = 0; i < 1'200'000; ++i) members += fmt::format(R"({}"k{}":{{}})", i ? "," : "", i);
  const std::string json =
      dynamodb_call(port_, "BatchGetItem", fmt::format(R"({{"RequestItems":{{{}}}}})", members));
  repeated("a JSON text of 1.2 million members", [&] { send_once(port_, json); });
}

std::vector<Figure> Fairness::measure() {
  repeated("nothing", [] { std::this_thread::sleep_for(std::chrono::milliseconds(100)); });
  const std::pair<const char*, void (Fairness::*)()> groups[] = {
      {"DynamoDB's reads", &Fairness::dynamodb_reads},
      {"DynamoDB's writes", &Fairness::dynamodb_writes},
      {"S3's listings", &Fairness::s3_listings},
      {"S3's deletions", &Fairness::s3_deletions},
      {"large requests", &Fairness::large_requests},
  };
  for (const auto& [name, measure_group] : groups) {
    try {
      (this->*measure_group)();
    } catch (const std::exception& error) {
      figures_.push_back(
          {.name = name, .unit = {}, .target = {}, .note = {}, .failure = error.what()});
    }
  }
  return std::move(figures_);
}

}  // namespace

std::vector<Figure> measure_fairness(const Settings& settings) {
  const Target target(settings);
  return Fairness(settings, target.port()).measure();
}

}  // namespace bench
