// Writes and reads of items, alone, in batches and in transactions.
#include <fmt/format.h>

#include <algorithm>

#include "model.h"

namespace matinee::simulation::tables {
namespace {

constexpr auto token_life = std::chrono::minutes(10);

Json read_item(const Read& read, const Json& item) {
  return read.projection.empty() ? item : project(read.projection, item);
}

/// Of an update: what ReturnValues shows, if anything.
std::optional<Json> returned(const Write& write, const Json* old, const Json* now) {
  const bool is_old = write.returns.ends_with("_OLD");
  const Json* shown = is_old ? old : now;
  if (write.returns == "NONE" || !shown) return std::nullopt;
  if (write.returns.starts_with("ALL_")) return *shown;
  std::vector<Path> paths;
  for (const Action& action : write.update) paths.push_back(action.path);
  if (paths.empty()) return std::nullopt;
  Json part = project(paths, *shown);
  if (part.object().empty()) return std::nullopt;
  return part;
}

/// A reason of a cancelled transaction.
Json reason_of(const Answer& failure) {
  Json reason = failure.reply;
  if (!failure.is_error()) return Json::Object{{"Code", "None"}};
  reason["Code"] = failure.code == "ConditionalCheckFailedException" ? "ConditionalCheckFailed"
                   : failure.code == "DuplicateItemException"        ? "DuplicateItem"
                                                                     : "ValidationError";
  reason["Message"] = failure.messages.size() == 1 ? *failure.messages.begin() : "*";
  return reason;
}

Answer cancelled(const std::vector<Answer>& parts) {
  Json::Array reasons;
  std::string codes;
  for (const Answer& part : parts) {
    reasons.push_back(reason_of(part));
    codes += (codes.empty() ? "" : ", ") + reasons.back().at("Code").string();
  }
  Answer answer =
      failure("TransactionCanceledException",
              {"Transaction cancelled, please refer cancellation reasons for specific reasons [" +
               codes + "]"});
  answer.reply["CancellationReasons"] = reasons;
  return answer;
}

bool has_failed(const std::vector<Answer>& parts) {
  return std::ranges::any_of(parts, &Answer::is_error);
}

}  // namespace

/// A unit for the item, and one for each entry that is written or removed.
Json Model::capacity_of(const Table& table, const std::string& wanted, const Json* old,
                        const Json* now) {
  int total = 1;
  std::map<bool, Json> by_index;
  for (const Index& index : table.indexes) {
    const bool was_in = old && is_in(index, *old);
    const bool is_in_now = now && is_in(index, *now);
    int units = int{was_in} + int{is_in_now};
    if (was_in && is_in_now && key_of(index.keys, *old) == key_of(index.keys, *now))
      units = shown(table, &index, *old) == shown(table, &index, *now) ? 0 : 1;
    total += units;
    if (units > 0) by_index[index.is_global][index.name]["CapacityUnits"] = units;
  }
  Json capacity;
  capacity["TableName"] = table.name;
  capacity["CapacityUnits"] = total;
  if (wanted != "INDEXES") return capacity;
  capacity["Table"]["CapacityUnits"] = 1;
  if (by_index.contains(false)) capacity["LocalSecondaryIndexes"] = by_index[false];
  if (by_index.contains(true)) capacity["GlobalSecondaryIndexes"] = by_index[true];
  return capacity;
}

Answer Model::write(const Write& write) {
  Answer answer;
  Table* table = find(write.table, answer);
  if (!table) return answer;
  if (write.kind == Write::Kind::put)
    if (auto refusals = index_refusals(*table, write.given); !refusals.empty())
      return failure("ValidationException", std::move(refusals));
  const Json* found = table->find(write.given);
  const std::optional<Json> old = found ? std::optional(*found) : std::nullopt;
  const Outcome made = outcome(*table, write);
  if (made.failure.is_error()) return made.failure;
  carry_out(write, made);
  const Json* before = old ? &*old : nullptr;
  if (write.capacity != "NONE") {
    const Json* after = tables.at(write.table).find(write.given);
    answer.reply["ConsumedCapacity"] = capacity_of(*table, write.capacity, before, after);
  }
  if (write.kind != Write::Kind::update) {
    if (old && write.returns == "ALL_OLD") answer.reply["Attributes"] = *old;
  } else if (made.item) {
    if (const auto shown = returned(write, before, &*made.item))
      answer.reply["Attributes"] = *shown;
  }
  return answer;
}

Answer Model::write_batch(const std::vector<Write>& writes, const Mark& mark) {
  Answer answer;
  for (const Write& write : writes) {
    const Table* table = find(write.table, answer);
    if (!table) return answer;
    if (write.kind != Write::Kind::put) continue;
    auto refusals = index_refusals(*table, write.given);
    if (!refusals.empty()) return failure("ValidationException", std::move(refusals));
  }
  for (const Write& write : writes) {
    carry_out(write, outcome(tables.at(write.table), write));
    mark();
  }
  answer.reply["UnprocessedItems"] = Json::Object();
  return answer;
}

Answer Model::write_together(const std::vector<Write>& writes, const std::string& token,
                             const std::string& body) {
  Answer answer;
  std::vector<Answer> parts;
  for (const Write& write : writes)
    if (!find(write.table, answer)) return answer;
  for (const Write& write : writes) {
    auto refusals = write.kind == Write::Kind::put
                        ? index_refusals(tables.at(write.table), write.given)
                        : std::set<std::string>();
    parts.push_back(refusals.empty() ? Answer() : failure("ValidationException", refusals));
  }
  if (has_failed(parts)) return cancelled(parts);
  if (const auto known = tokens_.find(token);
      known != tokens_.end() && now - known->second.at < token_life)
    return known->second.body == body ? answer
                                      : failure("IdempotentParameterMismatchException", {});
  std::vector<Outcome> outcomes;
  parts.clear();
  for (const Write& write : writes) {
    outcomes.push_back(outcome(tables.at(write.table), write));
    parts.push_back(outcomes.back().failure);
  }
  if (has_failed(parts)) return cancelled(parts);
  for (std::size_t i = 0; i < writes.size(); ++i) carry_out(writes[i], outcomes[i]);
  if (!token.empty()) tokens_[token] = {body, now};
  return answer;
}

Answer Model::execute(const Write& write) {
  Answer answer = this->write(write);
  if (answer.is_error()) return answer;
  Json::Array items;
  if (const Json* shown = answer.reply.find("Attributes")) items.push_back(*shown);
  return {.reply = Json::Object{{"Items", items}}};
}

Answer Model::execute_batch(const std::vector<Write>& writes, const Mark& mark) {
  Json::Array responses;
  for (const Write& one : writes) {
    const Answer answer = write(one);
    mark();
    Json& response = responses.emplace_back();
    response["TableName"] = one.table;
    if (const Json* shown = answer.reply.find("Attributes")) response["Item"] = *shown;
    if (!answer.is_error()) continue;
    std::string code = answer.code.substr(0, answer.code.find("Exception"));
    if (code == "Validation") code = "ValidationError";
    Json& error = response["Error"];
    error = answer.reply;
    error["Code"] = code;
    error["Message"] = answer.messages.size() == 1 ? *answer.messages.begin() : "*";
  }
  return {.reply = Json::Object{{"Responses", responses}}};
}

Answer Model::read(const Read& read) const {
  Answer answer;
  const Table* table = find(read.table, answer);
  if (!table) return answer;
  if (const Json* item = table->find(read.key)) answer.reply["Item"] = read_item(read, *item);
  return answer;
}

Answer Model::read_batch(const std::vector<Read>& reads) const {
  Answer answer;
  answer.reply["UnprocessedKeys"] = Json::Object();
  Json& responses = answer.reply["Responses"];
  responses = Json::Object();
  for (const Read& read : reads) {
    Answer missing;
    const Table* table = find(read.table, missing);
    if (!table) return missing;
    Json& found = responses[read.table];
    if (!found.is_array()) found = Json::Array();
    if (const Json* item = table->find(read.key)) found.array().push_back(read_item(read, *item));
  }
  return answer;
}

Answer Model::read_together(const std::vector<Read>& reads) const {
  Answer answer;
  Json::Array responses;
  for (const Read& one : reads) {
    const Answer found = read(one);
    if (found.is_error()) return found;
    responses.push_back(found.reply);
  }
  answer.reply["Responses"] = responses;
  return answer;
}

}  // namespace matinee::simulation::tables
