// matinee-bench: measures the figures that the project promises, on a server of its own or on one
// that already runs, and prints one table. A missed figure is not an error of the program: exit
// code 0 unless something could not be measured at all.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <fstream>
#include <iterator>

#include "compare.h"
#include "figures.h"

namespace {

using Measure = std::vector<bench::Figure> (*)(const bench::Settings&);

struct Group {
  const char* name;
  const char* description;
  Measure measure;
};

constexpr Group kGroups[] = {
    {"startup", "time until ready, and idle memory", bench::measure_startup},
    {"sqs", "messages a second", bench::measure_sqs},
    {"sqs-depth", "queues with a million messages", bench::measure_sqs_depth},
    {"sqs-polls", "ten thousand that wait for a message", bench::measure_sqs_polls},
    {"dynamodb", "items a second", bench::measure_dynamodb},
    {"tables", "a table of ten million items", bench::measure_tables},
    {"depth", "tables and buckets with a million entries", bench::measure_depth},
    {"s3", "objects and bytes a second", bench::measure_s3},
    {"logs", "log events a second", bench::measure_logs},
    {"journal", "what the journal of messages costs", bench::measure_journal},
    {"delivery", "what topics and rules deliver to queues", bench::measure_delivery},
    {"crowd", "what subscriptions and rules cost that do not match", bench::measure_crowd},
    {"lanes", "ten thousand targets that are dead", bench::measure_lanes},
    {"identity", "what decisions about calls cost", bench::measure_identity},
    {"fairness", "what others wait beside large requests", bench::measure_fairness},
    {"functions", "calls of functions, cold and warm", bench::measure_functions},
    {"publish", "a bucket of a million objects, published", bench::measure_publish},
    {"movies", "the movie job on the embedded cloud", bench::measure_movies},
};

void add_options(CLI::App& app, bench::Settings& settings, std::string& json_file) {
  app.add_option("--binary", settings.binary, "the matinee program to measure")
      ->default_val("build/release/src/matinee");
  app.add_option("--port", settings.port, "measure the server that runs on this port instead");
  app.add_option("--connections", settings.connections, "how many at once")
      ->capture_default_str()
      ->check(CLI::Range(1, 10000));
  app.add_option("--seconds", settings.seconds, "for each throughput figure")
      ->capture_default_str();
  app.add_option("--warm-up", settings.warm_up_seconds, "seconds before counting")
      ->capture_default_str();
  app.add_option("--deep", settings.deep_messages, "messages in a deep queue")
      ->capture_default_str()
      ->check(CLI::Range(1'000, 40'000'000));
  app.add_option("--queues", settings.queues, "only the deep queues whose name contains this");
  app.add_option("--depth-items", settings.deep_items, "items of a deep table, objects of a bucket")
      ->capture_default_str()
      ->check(CLI::Range(10'000, 100'000'000));
  app.add_option("--table-items", settings.table_items, "items of a large table")
      ->capture_default_str()
      ->check(CLI::Range(10'000, 90'000'000));
  app.add_option("--polls", settings.polls, "how many wait at once")
      ->capture_default_str()
      ->check(CLI::Range(100, 20'000));
  app.add_option("--movies", settings.movies, "how many the job makes")->capture_default_str();
  app.add_option("--published-objects", settings.published_objects, "in the bucket published")
      ->capture_default_str();
  app.add_option("--large-object", settings.large_object_bytes, "its bytes")->capture_default_str();
  app.add_option("--parts-bytes", settings.parts_bytes, "of an object uploaded in parts; 0: none")
      ->capture_default_str();
  app.add_option("--listed-keys", settings.listed_keys, "in the bucket that is listed; 0: none")
      ->capture_default_str();
  app.add_option("--log-events", settings.log_events, "that are written and looked through")
      ->capture_default_str();
  app.add_option("--functions", settings.functions,
                 "only the figures of functions whose name contains this");
  app.add_option("--ministack", settings.ministack_port, "measure functions of the one there too");
  app.add_option("--ministack-process", settings.ministack_process, "whose memory to tell");
  app.add_option("--json", json_file, "also write the figures to this file");
}

std::vector<bench::Figure> measure_group(const Group& group, const bench::Settings& settings) {
  fmt::print(stderr, "measuring {} ...\n", group.name);
  try {
    return group.measure(settings);
  } catch (const std::exception& error) {
    return {{.name = group.name, .unit = {}, .target = {}, .note = {}, .failure = error.what()}};
  }
}

int run_comparison(const bench::Settings& settings, const std::string& service,
                   const std::vector<std::string>& servers) {
  try {
    std::vector<bench::Candidate> candidates;
    for (const std::string& server : servers) candidates.push_back(bench::parse_candidate(server));
    const auto compare = service == "s3"         ? bench::compare_s3
                         : service == "dynamodb" ? bench::compare_dynamodb
                                                 : bench::compare_sqs;
    fmt::print("{}", compare(settings, candidates));
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Measures Matinee's figures. Without a subcommand, all of them.");
  bench::Settings settings;
  std::string json_file;
  add_options(app, settings, json_file);
  app.fallthrough();
  for (const Group& group : kGroups) app.add_subcommand(group.name, group.description);
  app.add_subcommand("all", "every figure, as without a subcommand");
  std::vector<std::string> servers;
  std::string service = "sqs";
  CLI::App* comparison = app.add_subcommand("compare", "the same load on several running servers");
  comparison->add_option("--service", service, "whose load")
      ->check(CLI::IsMember({"sqs", "dynamodb", "s3"}))
      ->capture_default_str();
  comparison->add_option("server", servers, "NAME=http://127.0.0.1:PORT, the first is the measure")
      ->required();
  CLI11_PARSE(app, argc, argv);
  if (*comparison) return run_comparison(settings, service, servers);

  const bool all = app.get_subcommands().empty() || app.got_subcommand("all");
  std::vector<bench::Figure> figures;
  for (const Group& group : kGroups) {
    if (all || app.got_subcommand(group.name)) {
      std::ranges::move(measure_group(group, settings), std::back_inserter(figures));
    }
  }
  fmt::print("{}", bench::as_table(figures));
  if (!json_file.empty()) std::ofstream(json_file) << bench::as_json(figures);
  const bool failed = std::ranges::any_of(figures, [](const bench::Figure& figure) {
    return bench::verdict(figure) == bench::Verdict::failed;
  });
  return failed ? 1 : 0;
}
