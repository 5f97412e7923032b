// Tables, and single writes.
#include "model.h"

#include <fmt/format.h>

#include <algorithm>

#include "decimals.h"

namespace matinee::simulation::tables {
namespace {

constexpr auto retention = std::chrono::hours(24);
constexpr auto token_life = std::chrono::minutes(10);
/// The simulated clock may be so much further than the model thinks.
constexpr auto blur = std::chrono::seconds(5);
constexpr auto oldest_expiry = std::chrono::days(5 * 365);

Answer missing_table() {
  return failure("ResourceNotFoundException", {"Requested resource not found"});
}

bool is_empty(const Json& value) {
  return (type_of(value) == "S" || type_of(value) == "B") && scalar_of(value).empty();
}

std::string name_of_empty(const std::string& type) {
  return type == "S" ? "string" : "binary";
}

std::optional<runtime::Time> expiry_of(const Table& table, const Json& item) {
  const Json* value = item.find(*table.time_to_live);
  if (!value || type_of(*value) != "N") return std::nullopt;
  const Decimal& number = decimal_of(scalar_of(*value));
  if (number < 0 || number > 100'000'000'000) return std::nullopt;
  return runtime::Time(std::chrono::seconds(number.convert_to<std::int64_t>()));
}

}  // namespace

Answer failure(const std::string& code, std::set<std::string> messages) {
  return {.code = code, .messages = std::move(messages)};
}

std::vector<KeyAttribute> KeySchema::all() const {
  std::vector<KeyAttribute> both = hash;
  both.insert(both.end(), range.begin(), range.end());
  return both;
}

bool KeySchema::has(const std::string& name) const {
  return std::ranges::any_of(all(), [&](const KeyAttribute& key) { return key.name == name; });
}

const Index* Table::find_index(const std::string& index) const {
  const auto found = std::ranges::find(indexes, index, &Index::name);
  return found == indexes.end() ? nullptr : &*found;
}

std::string Table::place_of(const Json& item) const {
  return key_of(keys, item).text();
}

const Json* Table::find(const Json& key) const {
  const auto found = items.find(place_of(key));
  return found == items.end() ? nullptr : found->second.get();
}

bool is_in(const Index& index, const Json& item) {
  return std::ranges::all_of(index.keys.all(), [&](const KeyAttribute& key) {
    const Json* value = item.find(key.name);
    return value && type_of(*value) == key.type && !is_empty(*value);
  });
}

Json key_of(const KeySchema& keys, const Json& item) {
  Json key = Json::Object();
  for (const KeyAttribute& attribute : keys.all())
    if (const Json* value = item.find(attribute.name)) key[attribute.name] = *value;
  return key;
}

std::set<std::string> index_refusals(const Table& table, const Json& item) {
  std::set<std::string> refusals;
  for (const Index& index : table.indexes) {
    for (const KeyAttribute& key : index.keys.all()) {
      const Json* value = item.find(key.name);
      if (!value) continue;
      if (type_of(*value) != key.type)
        refusals.insert(fmt::format(
            "One or more parameter values were invalid: Type mismatch for Index Key {} Expected: "
            "{} Actual: {} IndexName: {}",
            key.name, key.type, type_of(*value), index.name));
      else if (is_empty(*value))
        refusals.insert(fmt::format(
            "One or more parameter values are not valid. A value specified for a secondary index "
            "key is not supported. The AttributeValue for a key attribute cannot contain an empty "
            "{} value. IndexName: {}, IndexKey: {}",
            name_of_empty(key.type), index.name, key.name));
    }
  }
  return refusals;
}

std::strong_ordering compare_keys(const std::vector<KeyAttribute>& keys, const Json& left,
                                  const Json& right) {
  for (const KeyAttribute& key : keys) {
    const auto order = compare(left.at(key.name), right.at(key.name));
    if (order != 0) return order;
  }
  return std::strong_ordering::equal;
}

Table* Model::find(const std::string& name, Answer& answer) {
  const auto found = tables.find(name);
  if (found != tables.end()) return &found->second;
  answer = missing_table();
  return nullptr;
}

const Table* Model::find(const std::string& name, Answer& answer) const {
  return const_cast<Model*>(this)->find(name, answer);  // NOLINT: nothing is changed by looking
}

Table* Model::find_named(const std::string& name, Answer& answer) {
  Table* table = find(name, answer);
  if (!table) answer.messages = {"Requested resource not found: Table: " + name + " not found"};
  return table;
}

Answer Model::create_table(const Table& table, const std::string& view) {
  if (tables.contains(table.name)) return failure("ResourceInUseException", {});
  tables[table.name] = table;
  if (!view.empty()) change_stream(table.name, view);
  return {.reply = "*"};
}

Answer Model::delete_table(const std::string& name) {
  Answer answer{.reply = "*"};
  Table* table = find_named(name, answer);
  if (!table) return answer;
  if (table->stream) streams[*table->stream].closed_at = now;
  tables.erase(name);
  return answer;
}

Answer Model::add_index(const std::string& name, const Index& index) {
  Answer answer{.reply = "*"};
  if (Table* table = find_named(name, answer)) table->indexes.push_back(index);
  return answer;
}

Answer Model::remove_index(const std::string& name, const std::string& index) {
  Answer answer{.reply = "*"};
  if (Table* table = find_named(name, answer))
    std::erase_if(table->indexes, [&](const Index& each) { return each.name == index; });
  return answer;
}

Answer Model::change_stream(const std::string& name, const std::string& view) {
  Answer answer{.reply = "*"};
  Table* table = find_named(name, answer);
  if (!table) return answer;
  if (table->stream) streams[*table->stream].closed_at = now;
  table->stream.reset();
  if (view.empty()) return answer;
  table->stream = streams.size();
  streams.push_back({.table = name, .view = view, .keys = table->keys});
  return answer;
}

Answer Model::change_time_to_live(const std::string& name,
                                  const std::optional<std::string>& attribute) {
  Answer answer{.reply = "*"};
  if (Table* table = find_named(name, answer)) table->time_to_live = attribute;
  return answer;
}

void Model::tell(Table& table, const Json* old, const Json* now_there, bool is_expiry) {
  if (!table.stream || (old && now_there && *old == *now_there)) return;
  Stream& stream = streams[*table.stream];
  Change change{.event = !old         ? "INSERT"
                         : !now_there ? "REMOVE"
                                      : "MODIFY",
                .keys = key_of(table.keys, now_there ? *now_there : *old),
                .told = {},
                .is_expiry = is_expiry,
                .from = before_,
                .to = now};
  change.told["Keys"] = change.keys;
  const bool shows_new = stream.view == "NEW_IMAGE" || stream.view == "NEW_AND_OLD_IMAGES";
  const bool shows_old = stream.view == "OLD_IMAGE" || stream.view == "NEW_AND_OLD_IMAGES";
  if (shows_new && now_there) change.told["NewImage"] = *now_there;
  if (shows_old && old) change.told["OldImage"] = *old;
  stream.changes.push_back(std::make_shared<const Change>(std::move(change)));
}

void Model::put(Table& table, const Json& item) {
  auto& place = table.items[table.place_of(item)];
  const auto old = std::exchange(place, std::make_shared<const Json>(item));
  tell(table, old.get(), &item, false);
}

void Model::erase(Table& table, const Json& key, bool is_expiry) {
  const auto place = table.items.find(table.place_of(key));
  if (place == table.items.end()) return;
  const auto old = place->second;
  table.items.erase(place);
  tell(table, old.get(), nullptr, is_expiry);
}

void Model::expire() {
  for (auto& [name, table] : tables) {
    if (!table.time_to_live) continue;
    const auto items = table.items;
    for (const auto& [place, item] : items) {
      const auto when = expiry_of(table, *item);
      if (when && *when <= now && now - *when <= oldest_expiry) erase(table, *item, true);
    }
  }
  before_ = now;
}

bool Model::is_on_edge(const Stream& stream) const {
  const auto edge = now - retention;
  const auto is_near = [&](runtime::Time from, runtime::Time to) {
    return from <= edge + blur && to >= edge - blur;
  };
  if (stream.closed_at && is_near(*stream.closed_at, *stream.closed_at)) return true;
  return std::ranges::any_of(stream.changes,
                             [&](const auto& change) { return is_near(change->from, change->to); });
}

bool Model::is_token_on_edge(const std::string& token) const {
  const auto known = tokens_.find(token);
  if (known == tokens_.end()) return false;
  const auto age = now - known->second.at;
  return age > token_life - blur && age < token_life + blur;
}

Model::Outcome Model::outcome(const Table& table, const Write& write) const {
  const Json* old = table.find(write.given);
  const auto fails = [&](const std::string& code, const std::string& message) {
    Answer answer = failure(code, {message});
    if (old && write.shows_old_on_failure) answer.reply["Item"] = *old;
    return Outcome{.failure = std::move(answer)};
  };
  const auto refused = [&] {
    return fails("ConditionalCheckFailedException", "The conditional request failed");
  };
  if (write.must_be_new && old)
    return fails("DuplicateItemException", "Duplicate primary key exists in table");
  if (write.must_exist && !old) return refused();
  const bool is_asked = write.condition && (old || !write.ignores_missing);
  if (is_asked && !meets(*write.condition, old ? *old : Json(Json::Object()))) return refused();
  if (write.kind == Write::Kind::erase) return {.erases = true};
  if (write.kind == Write::Kind::check) return {};
  if (write.kind == Write::Kind::put) return {.item = write.given};
  if (!old && only_takes_away(write.update)) return {};
  Updated updated = apply(write.update, old ? *old : write.given);
  if (!updated.refusals.empty())
    return {.failure = failure("ValidationException", updated.refusals)};
  if (!index_refusals(table, updated.item).empty())
    return {.failure = failure("ValidationException", {})};
  return {.item = std::move(updated.item)};
}

void Model::carry_out(const Write& write, const Outcome& outcome) {
  Table& table = tables.at(write.table);
  if (outcome.item) put(table, *outcome.item);
  if (outcome.erases) erase(table, write.given, false);
}

}  // namespace matinee::simulation::tables
