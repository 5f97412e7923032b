// A service model as modelc sees it: the trimmed JSON of models/, with our corrections merged in.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace modelc {

/// A JSON value that keeps the order of an object's members and can be patched.
class Json {
 public:
  using Members = std::vector<std::pair<std::string, Json>>;
  using Elements = std::vector<Json>;

  std::variant<std::nullptr_t, bool, double, std::string, Elements, Members> value = nullptr;

  /// The member, or null where this is no object or has none of that name.
  const Json* find(std::string_view name) const;
  /// The member; throws std::runtime_error naming it where it is missing.
  const Json& at(std::string_view name) const;
  /// The text of a member, or `otherwise`.
  std::string text(std::string_view name, std::string otherwise = "") const;
  bool flag(std::string_view name) const;
  double number(std::string_view name, double otherwise) const;

  const Members& members() const;
  const Elements& elements() const;

  /// RFC 7396: members of `patch` replace ours, null removes one, objects merge.
  void merge(const Json& patch);
};

/// Reads a file; throws std::runtime_error with its name where it cannot be read or parsed.
Json read_json(const std::string& path);

struct Operation {
  std::string name;
  const Json* definition;
  std::string input;  // shape names; empty where the model trims the operation to its name
  std::string output;
};

class Model {
 public:
  /// `service` is the file's stem: directory, namespace and credential scope.
  Model(std::string service, Json definition, const Json& corrections);

  const std::string& service() const { return service_; }
  const Json& metadata() const { return definition_.at("metadata"); }
  /// "service" of the corrections: facts the model lacks.
  const Json& facts() const { return facts_; }
  const Json& shape(const std::string& name) const;
  const std::vector<Operation>& operations() const { return operations_; }
  /// Names of all error shapes, in order.
  const std::vector<std::string>& errors() const { return errors_; }
  /// Wire data of an error that the corrections give; null where there is none.
  const Json* error_correction(const std::string& name) const;

  /// Structures that are no errors, each after those that it contains.
  const std::vector<std::string>& structures() const { return structures_; }
  /// Further names of types, with the type that each stands for.
  const std::vector<std::pair<std::string, std::string>>& aliases() const { return aliases_; }
  /// Every shape that those and the errors use, structures included.
  const std::set<std::string>& used() const { return used_; }

  /// "PutItemRequest" for PutItem's input whatever the model calls it; the corrections' "type_name"
  /// where the shape's own would clash with a type of the service; else the shape's own name.
  std::string type_name(const std::string& shape) const;
  /// The C++ type that a shape is stored in.
  std::string storage(const std::string& shape) const;
  bool is_streaming(const Json& member, const std::string& shape) const;

 private:
  void find_operations();
  void find_errors();
  void visit(const std::string& shape);

  std::string service_;
  Json definition_;
  Json facts_;
  std::map<std::string, Json> error_corrections_;
  std::vector<Operation> operations_;
  std::vector<std::string> errors_;
  std::vector<std::string> structures_;
  std::set<std::string> used_;
  std::set<std::string> visiting_;
  std::map<std::string, std::string> renamed_;
  std::map<std::string, std::string> operation_types_;  // by shape, of inputs and outputs
  std::vector<std::pair<std::string, std::string>> aliases_;
};

/// What policies call the operations of a model. Throws std::runtime_error where an operation that
/// is served has no entry, or where its request does not name its resource.
class Authorization {
 public:
  /// `data` is models/authorization/NAME.json, `corrections` our exceptions to it.
  Authorization(const Model& model, const Json& data, const Json& corrections);

  /// Of an operation that is not trimmed: a line for each permission that it needs.
  const std::string& needs(const std::string& operation) const;
  const std::string& prefix() const { return prefix_; }    // "sqs"
  const std::string& keys() const { return keys_; }        // "sts:externalid=ExternalId\n"
  const std::string& actions() const { return actions_; }  // "SendMessage W\n", "ListQueues R*\n"

 private:
  std::string prefix_;
  std::map<std::string, std::string> needs_;
  std::string keys_;
  std::string actions_;
};

/// "MD5OfBody" -> "md5_of_body"; C++ keywords get a trailing underscore.
std::string snake_case(std::string_view name);
/// A C++ string literal.
std::string quoted(std::string_view text);

// What modelc writes: the text of one file each.
std::string emit_shapes_header(const Model& model);
std::string emit_shapes_source(const Model& model);
std::string emit_errors_header(const Model& model);
std::string emit_operations_header(const Model& model);
std::string emit_operations_source(const Model& model, const Authorization& authorization);
/// models/authorization/services.json as a constant.
std::string emit_service_names(const Json& data);
std::string emit_handlers_header(const Model& model);
std::string emit_client_header(const Model& model);
/// What the client's header declares, so that each call is compiled once.
std::string emit_client_source(const Model& model);

}  // namespace modelc
