#include "cli/contents.h"

#include <fmt/format.h>

#include "cli/connection.h"
#include "dynamodb/client.h"
#include "insight/client.h"
#include "s3/client.h"
#include "sqs/client.h"

namespace matinee::cli {
namespace {

constexpr runtime::Duration patience = std::chrono::seconds(5);
constexpr std::size_t most_names = 5;

/// Nothing where it does not tell, as servers of another version do.
runtime::Task<std::optional<insight::GetAbilitiesResponse>> ask_abilities(Connection& connection) {
  try {
    const insight::Client client(connection.channel());
    co_return co_await client.get_abilities({});
  } catch (const protocol::ServiceError&) {
    co_return std::nullopt;
  }
}

runtime::Task<Contents> ask(Connection& connection) {
  Contents contents{
      .region = connection.region(), .queues = {}, .tables = {}, .buckets = {}, .abilities = {}};
  sqs::Client sqs(connection.channel());
  const auto queues = co_await sqs.list_queues({});
  for (const std::string& url : queues.queue_urls.value_or(std::vector<std::string>()))
    contents.queues.names.push_back(url.substr(url.rfind('/') + 1));
  contents.queues.has_more = queues.next_token.has_value();
  dynamodb::Client dynamodb(connection.channel());
  const auto tables = co_await dynamodb.list_tables({});
  contents.tables.names = tables.table_names.value_or(std::vector<std::string>());
  contents.tables.has_more = tables.last_evaluated_table_name.has_value();
  s3::Client s3(connection.channel());
  const auto buckets = co_await s3.list_buckets({});
  for (const s3::Bucket& bucket : buckets.buckets.value_or(std::vector<s3::Bucket>()))
    contents.buckets.names.push_back(bucket.name.value_or(""));
  contents.buckets.has_more = buckets.continuation_token.has_value();
  contents.abilities = co_await ask_abilities(connection);
  co_return contents;
}

std::string describe_functions(const insight::GetAbilitiesResponse& abilities) {
  if (!abilities.functions.value_or(false)) return "Functions do not run there.\n";
  std::string text = fmt::format(
      "Functions run {}, and their memory is {}.\n",
      abilities.locked_in.value_or(false) ? "in sandboxes" : "as plain processes",
      abilities.memory_limited.value_or(false) ? "limited by control groups" : "watched");
  for (const std::string& sentence : abilities.missing.value_or(std::vector<std::string>()))
    text += fmt::format("  {}\n", sentence);
  return text;
}

jobs::JsonObject functions_as_json(const insight::GetAbilitiesResponse& abilities) {
  jobs::JsonObject json;
  json.add("run", abilities.functions.value_or(false));
  if (!abilities.functions.value_or(false)) return json;
  json.add("locked_in", abilities.locked_in.value_or(false));
  json.add("memory_limited", abilities.memory_limited.value_or(false));
  json.add("missing", abilities.missing.value_or(std::vector<std::string>()));
  return json;
}

std::string line(std::string_view kind, const Names& names) {
  std::string text = fmt::format("  {:<9}", kind);
  if (names.names.empty()) return text + "none\n";
  const std::size_t shown = std::min(names.names.size(), most_names);
  text +=
      fmt::format("{}", fmt::join(names.names.begin(),
                                  names.names.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  if (names.has_more)
    text += " and more";
  else if (names.names.size() > shown)
    text += fmt::format(" and {} more", names.names.size() - shown);
  return text + "\n";
}

}  // namespace

std::expected<Contents, std::string> look_at(Surroundings& surroundings, const std::string& url) {
  const auto connection = connect(surroundings, {.cloud = url});
  if (!connection) return std::unexpected(connection.error());
  runtime::Loop& loop = surroundings.runtime.loop;
  runtime::Clock& clock = surroundings.runtime.clock;
  std::expected<Contents, std::string> result =
      std::unexpected(fmt::format("{} gives no answer within {} s.", url,
                                  std::chrono::floor<std::chrono::seconds>(patience).count()));
  const auto limit = clock.call_at(clock.now() + patience, [&] { loop.stop(); });
  loop.post([&] {
    runtime::start(ask(**connection),
                   [&](std::optional<Contents> contents, const std::exception_ptr& error) {
                     try {
                       if (error) std::rethrow_exception(error);
                       result = std::move(*contents);
                     } catch (const protocol::ServiceError& refused) {
                       if (refused.code() != "ConnectionFailed")
                         result = Contents{.refusal = refused.message()};
                     } catch (const std::exception& failure) {
                       result = std::unexpected(failure.what());
                     }
                     loop.stop();
                   });
  });
  loop.run();
  clock.cancel(limit);
  return result;
}

void add_to(jobs::JsonObject& json, const Contents& contents) {
  if (!contents.refusal.empty()) return json.add("refusal", contents.refusal);
  json.add("region", contents.region);
  json.add("queues", contents.queues.names);
  json.add("tables", contents.tables.names);
  json.add("buckets", contents.buckets.names);
  json.add("more",
           contents.queues.has_more || contents.tables.has_more || contents.buckets.has_more);
  if (contents.abilities) json.add("functions", functions_as_json(*contents.abilities));
}

std::string describe(const Contents& contents) {
  if (!contents.refusal.empty())
    return fmt::format("It does not tell these credentials what it holds: {}\n", contents.refusal);
  return fmt::format("In {}:\n", contents.region) + line("queues", contents.queues) +
         line("tables", contents.tables) + line("buckets", contents.buckets) +
         (contents.abilities ? describe_functions(*contents.abilities) : std::string());
}

}  // namespace matinee::cli
