// What it costs to find the patterns that an event matches, measured within this process: one line
// for each kind of pattern and number of them. `matinee-pattern-bench`
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <vector>

#include "patterns/pattern_set.h"

namespace {

using namespace matinee::patterns;

constexpr int kRounds = 15;
constexpr int kEvents = 2000;

std::string event(int number) {
  return fmt::format(
      R"({{"version":"0","id":"6a7e8feb-b491-4cf7-a9f1-{0:012}","detail-type":"Order {0}",)"
      R"("source":"shop.orders","account":"111122223333","time":"2026-11-29T08:00:00Z",)"
      R"("region":"us-east-1","resources":["arn:aws:s3:::orders/{0}"],"detail":{{"id":"o-{0}",)"
      R"("state":"placed","total":{1}.5,"customer":{{"id":"c-{2}","country":"DE",)"
      R"("address":"10.1.{3}.7"}},"items":[{{"sku":"sku-{0}","count":2}},{{"sku":"sku-x",)"
      R"("count":1}}],"key":"in/2026/{0}/order.json","note":null,"paid":true}}}})",
      number, number % 500, number % 7, number % 200);
}

struct Kind {
  const char* name;
  /// The pattern of a number; no event of this program matches it.
  std::function<std::string(int)> pattern;
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all{
      {"one value", [](int i) { return fmt::format(R"({{"detail-type":["Refund {}"]}})", i); }},
      {"source, type and state",
       [](int i) {
         return fmt::format(R"({{"source":["shop.orders"],"detail-type":["Refund {}"],)"
                            R"("detail":{{"state":["placed"]}}}})",
                            i);
       }},
      {"prefix",
       [](int i) { return fmt::format(R"({{"detail":{{"key":[{{"prefix":"out/{}/"}}]}}}})", i); }},
      {"suffix",
       [](int i) { return fmt::format(R"({{"detail":{{"key":[{{"suffix":"{}.png"}}]}}}})", i); }},
      {"wildcard",
       [](int i) {
         return fmt::format(R"({{"detail":{{"key":[{{"wildcard":"out/{}/*.json"}}]}}}})", i);
       }},
      {"numeric range",
       [](int i) {
         return fmt::format(R"({{"detail":{{"total":[{{"numeric":[">",{},"<",{}]}}]}}}})", i + 600,
                            i + 602);
       }},
      {"anything but, with a value",
       [](int i) {
         return fmt::format(R"({{"detail":{{"state":[{{"anything-but":"sent"}}],"id":["p-{}"]}}}})",
                            i);
       }},
      {"anything but",
       [](int i) {
         return fmt::format(R"({{"detail":{{"state":[{{"anything-but":["placed","s-{}"]}}]}}}})",
                            i);
       }},
      {"$or of three", [](int i) {
         return fmt::format(R"({{"source":["shop.orders"],"$or":[{{"detail-type":["Refund {0}"]}},)"
                            R"({{"detail":{{"id":["p-{0}"]}}}},)"
                            R"({{"detail":{{"total":[{{"numeric":["=",-{0}.25]}}]}}}}]}})",
                            i);
       }}};
  return all;
}

PatternSet set_of(const Kind& kind, int count) {
  PatternSet set;
  for (int i = 0; i < count; ++i) {
    auto pattern = Pattern::compile(Dialect::event_bus, kind.pattern(i));
    if (!pattern) throw std::runtime_error(pattern.error().message);
    set.add(static_cast<PatternSet::Id>(i), *std::move(pattern));
  }
  return set;
}

/// Microseconds for one of `kEvents` calls, the least of several rounds.
double least(const std::function<void(int)>& call) {
  double best = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < kEvents; ++i) call(i);
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count() / kEvents);
  }
  return best;
}

void measure() {
  std::vector<std::string> texts;
  std::vector<Event> events(kEvents);
  for (int i = 0; i < kEvents; ++i) texts.push_back(event(i));
  for (int i = 0; i < kEvents; ++i)
    if (!events[static_cast<std::size_t>(i)].parse(texts[static_cast<std::size_t>(i)]))
      throw std::runtime_error("an event that is none");
  Event scratch;
  fmt::print("reading an event of {} bytes: {:.2f} us\n", texts.front().size(),
             least([&](int i) { scratch.parse(texts[static_cast<std::size_t>(i)]); }));
  std::vector<PatternSet::Id> ids;
  fmt::print("{:28} {:>10} {:>10} {:>10}  us for an event that matches none\n", "patterns", 10,
             1000, 10'000);
  for (const Kind& kind : kinds()) {
    fmt::print("{:28}", kind.name);
    for (const int count : {10, 1000, 10'000}) {
      const PatternSet set = set_of(kind, count);
      fmt::print(" {:10.2f}",
                 least([&](int i) { set.match(events[static_cast<std::size_t>(i)], ids); }));
      if (!ids.empty()) throw std::runtime_error("a match that is none");
    }
    fmt::print("\n");
  }
  const Kind all{
      "", [](int) {
        return std::string(R"({"source":["shop.orders"],"detail":{"state":["placed"]}})");
      }};
  const PatternSet set = set_of(all, 1000);
  fmt::print("1,000 patterns of two values that all match: {:.1f} us\n",
             least([&](int i) { set.match(events[static_cast<std::size_t>(i)], ids); }));
  if (ids.size() != 1000) throw std::runtime_error("a pattern that does not match");
}

}  // namespace

int main() try {
  measure();
  return 0;
} catch (const std::exception& error) {
  fmt::print(stderr, "{}\n", error.what());
  return 1;
}
