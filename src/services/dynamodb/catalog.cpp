#include "services/dynamodb/catalog.h"

#include <fmt/format.h>

#include "dynamodb/errors.h"
#include "services/dynamodb/table_names.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

void set_cache_key(std::string& key, const Context& context, std::string_view name) {
  key.assign(context.account).append(1, '/').append(context.region).append(1, '/').append(name);
}

}  // namespace

std::string_view table_name(const Context& context, std::string_view name_or_arn) {
  std::string_view name = name_or_arn;
  if (name.starts_with("arn:")) {
    const std::string prefix =
        fmt::format("arn:aws:dynamodb:{}:{}:table/", context.region, context.account);
    if (!name.starts_with(prefix)) {
      throw validation_error(fmt::format("Invalid table ARN: {} is not a table of account {} in {}",
                                         name_or_arn, context.account, context.region));
    }
    name.remove_prefix(prefix.size());
  }
  if (!is_table_name(name)) {
    throw validation_error(
        "Invalid table/index name.  Table/index names must be between 3 and 255 characters long, "
        "and may contain only the characters a-z, A-Z, 0-9, '_', '-', and '.'");
  }
  return name;
}

std::string table_arn(const TableRecord& table) {
  return fmt::format("arn:aws:dynamodb:{}:{}:table/{}", table.region, table.account, table.name);
}

Catalog::Catalog(storage::Store& store)
    : store_(store),
      tables_(store, tables_id),
      sequence_(store, sequence_id),
      contents_(store, contents_id) {}

const TableRecord* Catalog::find(const Context& context, std::string_view name) {
  set_cache_key(cache_key_, context, name);
  const auto cached = cache_.find(cache_key_);
  if (cached != cache_.end()) return cached->second.get();
  auto record = tables_.find({context.account, context.region, std::string(name)});
  if (!record) return nullptr;
  auto owned = std::make_shared<const TableRecord>(*std::move(record));
  return cache_.emplace(cache_key_, std::move(owned)).first->second.get();
}

const TableRecord& Catalog::require(const Context& context, const std::string& name_or_arn) {
  dropped_.clear();
  const TableRecord* table = find(context, table_name(context, name_or_arn));
  if (!table || table->is_being_made)
    throw ResourceNotFoundException("Requested resource not found");
  return *table;
}

std::shared_ptr<const TableRecord> Catalog::hold(const Context& context,
                                                 const std::string& name_or_arn) {
  require(context, name_or_arn);
  return cache_.at(cache_key_);
}

std::shared_ptr<const TableRecord> Catalog::find_held(const Context& context,
                                                      const std::string& name) {
  dropped_.clear();
  return find(context, name) ? cache_.at(cache_key_) : nullptr;
}

void Catalog::require_still_there(const Context& context, const TableRecord& table) {
  if (require(context, table.name).number == table.number) return;
  throw ResourceNotFoundException("Requested resource not found");
}

const TableRecord& Catalog::require_named(const Context& context, const std::string& name_or_arn) {
  dropped_.clear();
  const std::string_view name = table_name(context, name_or_arn);
  if (const TableRecord* table = find(context, name)) return *table;
  throw ResourceNotFoundException(
      fmt::format("Requested resource not found: Table: {} not found", name));
}

const TableRecord& Catalog::require_made(const Context& context, const std::string& name_or_arn) {
  const TableRecord& table = require_named(context, name_or_arn);
  if (!table.is_being_made) return table;
  throw ResourceInUseException(
      "Attempt to change a resource which is still in use: Table is being created: " + table.name);
}

void Catalog::add(const Context& context, TableRecord& table) {
  if (find(context, table.name))
    throw ResourceInUseException("Table already exists: " + table.name);
  SequenceRecord sequence = sequence_.find(0).value_or(SequenceRecord{});
  table.number = ++sequence.last;
  table.account = context.account;
  table.region = context.region;
  sequence_.put(0, sequence);
  update(table);
}

void Catalog::update(const TableRecord& table) {
  tables_.put({table.account, table.region, table.name}, table);
  forget(table);
}

void Catalog::remove_index(const TableRecord& table, const IndexRecord& index) {
  store_.erase_range(IndexEntries(store_, index_entries_id).prefix(table.number, index.number));
  contents_.erase({table.number, index.number});
}

void Catalog::remove(const TableRecord& table, bool keeps_items) {
  tables_.erase({table.account, table.region, table.name});
  if (!keeps_items) store_.erase_range(Items(store_, items_id).prefix(table.number));
  store_.erase_range(IndexEntries(store_, index_entries_id).prefix(table.number));
  store_.erase_range(contents_.prefix(table.number));
  forget(table);
}

std::vector<TableRecord> Catalog::find_all(const std::optional<std::string>& account) const {
  std::vector<TableRecord> found;
  tables_.scan(account ? tables_.prefix(*account) : tables_.all(),
               [&](const auto&, TableRecord table) {
                 found.push_back(std::move(table));
                 return true;
               });
  return found;
}

void Catalog::forget(const TableRecord& table) {
  const Context owner{.account = table.account, .region = table.region};
  set_cache_key(cache_key_, owner, table.name);
  const auto drop = [this](const std::string& key) {
    const auto cached = cache_.find(key);
    if (cached == cache_.end()) return;
    dropped_.push_back(std::move(cached->second));  // the operation at hand may still refer to it
    cache_.erase(cached);
  };
  drop(cache_key_);
  store_.on_rollback([drop, key = cache_key_] { drop(key); });
}

std::vector<std::string> Catalog::list(const Context& context, const std::string& start,
                                       std::size_t limit) const {
  std::vector<std::string> names;
  storage::KeyRange range = tables_.prefix(context.account, context.region);
  if (!start.empty()) range = tables_.after(range, {context.account, context.region, start});
  auto place = tables_.cursor(range);
  for (; place.valid() && names.size() < limit; place.next())
    names.push_back(std::get<2>(place.key()));
  return names;
}

ContentRecord Catalog::content(const TableRecord& table, std::uint32_t index) const {
  return contents_.find({table.number, index}).value_or(ContentRecord{});
}

}  // namespace matinee::dynamodb
