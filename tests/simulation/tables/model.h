// What DynamoDB is by its rules, naively: tables are maps, an index is looked up by looking at each
// item, a stream is a list.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/clock.h"
#include "updates.h"

namespace matinee::simulation::tables {

struct KeyAttribute {
  std::string name;
  std::string type;
  bool operator==(const KeyAttribute&) const = default;
};

struct KeySchema {
  std::vector<KeyAttribute> hash;
  std::vector<KeyAttribute> range = {};

  std::vector<KeyAttribute> all() const;
  bool has(const std::string& name) const;
};

struct Index {
  std::string name;
  bool is_global = false;
  KeySchema keys;
  std::string projection = "ALL";
  std::set<std::string> non_key = {};
};

/// One change, as a stream tells it. It was made at some time between these.
struct Change {
  std::string event;
  Json keys;
  Json told;  // {"Keys", "NewImage", "OldImage"}, as the stream's view wants
  bool is_expiry = false;
  runtime::Time from;
  runtime::Time to;
};

struct Stream {
  std::string table;
  std::string view;
  KeySchema keys;
  std::optional<runtime::Time> closed_at = {};
  std::vector<std::shared_ptr<const Change>> changes = {};
};

struct Table {
  std::string name;
  KeySchema keys;
  std::map<std::string, std::string> types = {};  // that key attributes have, or would have
  std::vector<Index> indexes = {};
  std::optional<std::size_t> stream = {};  // of Model::streams
  std::optional<std::string> time_to_live = {};
  std::map<std::string, std::shared_ptr<const Json>> items = {};  // by the text of their keys
  /// Where recovery is on: what it had at the beginnings of some seconds.
  bool is_recoverable = false;
  std::map<std::int64_t, std::map<std::string, std::shared_ptr<const Json>>> past = {};

  const Index* find_index(const std::string& index) const;
  std::string place_of(const Json& item) const;
  const Json* find(const Json& key) const;
};

/// A write, alone or in a transaction.
struct Write {
  enum class Kind { put, update, erase, check };
  Kind kind = Kind::put;
  std::string table;
  Json given;  // the item of a put, else the key
  std::optional<Condition> condition = {};
  Update update = {};
  std::string returns = "NONE";
  std::string capacity = "NONE";  // ReturnConsumedCapacity
  bool shows_old_on_failure = false;
  /// What writes of PartiQL mean besides.
  bool must_be_new = false;
  bool must_exist = false;
  bool ignores_missing = false;
};

struct Read {
  std::string table;
  Json key;
  std::vector<Path> projection = {};  // empty for all
};

/// What Query and Scan have in common.
struct PageRead {
  std::string table;
  std::string index = {};
  std::optional<Condition> keys = {};  // of a query
  std::optional<Condition> filter = {};
  std::vector<Path> projection = {};
  std::optional<std::size_t> limit = {};
  std::optional<Json> start = {};
  bool backward = false;
  std::string select = {};
  std::string order_by = {};  // of a statement that is backward
};

struct Answer {
  Json reply = Json::Object();
  std::string code = {};                // of an error
  std::set<std::string> messages = {};  // of which it has one; any where this is empty

  bool is_error() const { return !code.empty(); }
};

/// Called after each part of an operation that may be there without the others after a crash.
using Mark = std::function<void()>;

class Model {
 public:
  runtime::Time now;
  std::map<std::string, Table> tables;
  std::vector<Stream> streams;
  std::map<std::string, Table> backups;  // by their names

  Answer create_table(const Table& table, const std::string& view);
  Answer delete_table(const std::string& name);
  Answer add_index(const std::string& table, const Index& index);
  Answer remove_index(const std::string& table, const std::string& index);
  /// Without a view the stream ends.
  Answer change_stream(const std::string& table, const std::string& view);
  /// Without an attribute nothing expires any more.
  Answer change_time_to_live(const std::string& table, const std::optional<std::string>& attribute);

  Answer create_backup(const std::string& table, const std::string& backup);
  Answer delete_backup(const std::string& backup);
  Answer restore(const std::string& backup, const std::string& target);
  Answer change_recovery(const std::string& table, bool is_on);
  /// To the first moment of a second that is in the table's past.
  Answer recover(const std::string& table, std::int64_t second, const std::string& target);
  /// Notes what recoverable tables will have at the beginning of the next second.
  void remember_second();

  Answer write(const Write& write);
  Answer write_batch(const std::vector<Write>& writes, const Mark& mark);
  Answer write_together(const std::vector<Write>& writes, const std::string& token,
                        const std::string& body);
  /// Statements: one, or several of which each may fail.
  Answer execute(const Write& write);
  Answer execute_batch(const std::vector<Write>& writes, const Mark& mark);
  Answer read(const Read& read) const;
  Answer read_batch(const std::vector<Read>& reads) const;
  Answer read_together(const std::vector<Read>& reads) const;
  Answer query(const PageRead& read) const;
  /// A SELECT of one partition.
  Answer select(const PageRead& read) const;
  /// SELECTs of one item each.
  Answer select_batch(const std::vector<Read>& reads) const;
  /// `order` are the places of all items of the table or index.
  Answer scan(const PageRead& read, const std::vector<std::string>& order) const;

  /// The places of what a table or index has, in the order of their keys.
  std::vector<std::string> places(const std::string& table, const std::string& index) const;
  /// An item as the table or index has it.
  static Json shown(const Table& table, const Index* index, const Json& item);

  /// Takes away what has expired by now.
  void expire();
  /// Whether it is not certain what is known of a token, or of changes as old as this.
  bool is_on_edge(const Stream& stream) const;
  bool knows(const std::string& token) const { return tokens_.contains(token); }
  bool is_token_on_edge(const std::string& token) const;

 private:
  struct Token {
    std::string body;
    runtime::Time at;
  };
  std::map<std::string, Token> tokens_;
  runtime::Time before_;  // the present, when it was looked at last

  /// Null, with the error, where there is no such table.
  Table* find(const std::string& name, Answer& answer);
  const Table* find(const std::string& name, Answer& answer) const;
  /// As above, with the words of operations on tables.
  Table* find_named(const std::string& name, Answer& answer);
  Answer add_copy(Table table, const std::string& target);
  void put(Table& table, const Json& item);
  void erase(Table& table, const Json& key, bool is_expiry);
  void tell(Table& table, const Json* old, const Json* now, bool is_expiry);
  /// What a write makes of an item, or how it fails. Changes nothing.
  struct Outcome {
    Answer failure = {};
    std::optional<Json> item = {};
    bool erases = false;
  };
  Outcome outcome(const Table& table, const Write& write) const;
  void carry_out(const Write& write, const Outcome& outcome);
  /// What writing cost, where each item and entry is small.
  static Json capacity_of(const Table& table, const std::string& wanted, const Json* old,
                          const Json* now);
  Answer page(const PageRead& read, const Table& table, std::vector<std::string> places) const;
};

/// Whether an item has what the index needs to hold it.
bool is_in(const Index& index, const Json& item);

/// The key's attributes of an item.
Json key_of(const KeySchema& keys, const Json& item);

/// The messages of what an index's keys do not take; none where they take it.
std::set<std::string> index_refusals(const Table& table, const Json& item);

/// Before, equal or after, by the attributes of a key in their order.
std::strong_ordering compare_keys(const std::vector<KeyAttribute>& keys, const Json& left,
                                  const Json& right);

Answer failure(const std::string& code, std::set<std::string> messages);

}  // namespace matinee::simulation::tables
