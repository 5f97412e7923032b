#include "services/events/inputs.h"

#include <fmt/format.h>

#include <algorithm>

#include "patterns/json_tokens.h"
#include "protocol/error.h"
#include "protocol/json_text.h"
#include "protocol/json_writer.h"

namespace matinee::events {

namespace {

[[noreturn]] void refuse_input(std::string message) {
  throw protocol::ServiceError("ValidationException", 400, std::move(message));
}

bool is_in_variable(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

std::string quoted(std::string_view text) {
  std::string json;
  protocol::json::append_string(json, text);
  return json;
}

/// A value as it goes into a text: strings without their quotes but with their escapes, objects and
/// lists without any quotes.
std::string within_quotes(std::string_view json) {
  if (json.starts_with('"')) return std::string(json.substr(1, json.size() - 2));
  std::string out;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (c == '"' || (c == '\n' || c == '\r' || c == '\t')) continue;
    out += c;
    if (c == '\\' && ++at < json.size()) out += json[at];
  }
  return out;
}

}  // namespace

/// Takes a template apart, and makes a sample of what may come out of it.
class TargetInput::TemplateReader {
 public:
  TemplateReader(const Target& target, const std::map<std::string, std::size_t>& names,
                 std::vector<Piece>& pieces)
      : target_(target), names_(names), pieces_(pieces) {}

  void read(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
      const char c = text[at];
      if (c == '\\' && at + 1 < text.size()) {
        const char escaped = text[at + 1];
        if (escaped != '<' && escaped != '>') add(c);
        add(escaped);
        at += 2;
      } else if (const std::size_t size = c == '<' ? variable_size(text.substr(at)) : 0) {
        add_variable(std::string(text.substr(at + 1, size - 2)));
        at += size;
      } else {
        if (c == '"') in_quotes_ = !in_quotes_;
        add(c);
        ++at;
      }
    }
    pieces_.push_back({.text = std::move(text_)});
    check_sample();
  }

 private:
  void add(char c) {
    text_ += c;
    sample_ += c;
  }

  /// With its brackets; 0 where it is none.
  static std::size_t variable_size(std::string_view text) {
    std::size_t at = 1;
    while (at < text.size() && is_in_variable(text[at])) ++at;
    return at > 1 && at < text.size() && text[at] == '>' ? at + 1 : 0;
  }

  void add_variable(const std::string& name) {
    Piece piece{.text = std::move(text_), .in_quotes = in_quotes_};
    text_.clear();
    if (const auto path = names_.find(name); path != names_.end()) {
      piece.variable = Variable::path;
      piece.path = path->second;
    } else {
      piece.variable = reserved(name);
    }
    if (piece.variable == Variable::none)
      refuse_input(fmt::format("InputTemplate for target {} contains invalid placeholder {}.",
                               target_.id, name));
    pieces_.push_back(std::move(piece));
    if (!in_quotes_) sample_ += "null";
  }

  static Variable reserved(std::string_view name) {
    if (name == "aws.events.rule-arn") return Variable::rule_arn;
    if (name == "aws.events.rule-name") return Variable::rule_name;
    if (name == "aws.events.event.ingestion-time") return Variable::ingestion_time;
    if (name == "aws.events.event") return Variable::event;
    if (name == "aws.events.event.json") return Variable::event_json;
    return Variable::none;
  }

  /// One JSON value after the other: texts in lines of their own are common.
  void check_sample() const {
    using Token = patterns::JsonTokens::Token;
    patterns::JsonTokens tokens(sample_);
    try {
      bool is_empty = true;
      for (Token token = tokens.next(); token != Token::end; token = tokens.next()) {
        is_empty = false;
        if (token == Token::text) tokens.text();
      }
      if (is_empty) tokens.fail("");
    } catch (const patterns::Fault& fault) {
      const std::size_t source = fault.reason.find("[Source: ");
      refuse_input(fmt::format("Invalid InputTemplate for target {} : {}.", target_.id,
                               fault.reason.substr(std::min(source, fault.reason.size()))));
    }
  }

  const Target& target_;
  const std::map<std::string, std::size_t>& names_;
  std::vector<Piece>& pieces_;
  std::string text_;
  std::string sample_;
  bool in_quotes_ = false;
};

void TargetInput::compile_template(const Target& target) {
  std::map<std::string, std::size_t> names;
  if (target.input_transformer->input_paths_map) {
    for (const auto& [name, text] : *target.input_transformer->input_paths_map) {
      if (name.starts_with("AWS.") || name.starts_with("aws."))
        refuse_input(
            fmt::format("InputPathsMap for target {} contains reserved key {}.", target.id, name));
      std::optional<EventPath> path = EventPath::compile(text);
      if (!path) refuse_input(fmt::format("Invalid InputPath for target {}.", target.id));
      names.emplace(name, paths_.size());
      paths_.push_back(std::move(*path));
    }
  }
  TemplateReader(target, names, pieces_).read(target.input_transformer->input_template);
}

TargetInput TargetInput::compile(const Target& target) {
  // An empty path is as good as none.
  const bool has_path = target.input_path && !target.input_path->empty();
  if ((target.input ? 1 : 0) + (has_path ? 1 : 0) + (target.input_transformer ? 1 : 0) > 1)
    refuse_input(
        fmt::format("Only one of Input, InputPath, or InputTransformer must be provided "
                    "for target {}.",
                    target.id));
  TargetInput input;
  if (target.input) {
    if (!protocol::json::is_json(*target.input))
      refuse_input(fmt::format("JSON syntax error in input for target {}.", target.id));
    input.kind_ = Kind::constant;
    input.constant_ = *target.input;
  } else if (has_path) {
    std::optional<EventPath> path = EventPath::compile(*target.input_path);
    if (!path) refuse_input(fmt::format("Invalid InputPath for target {}.", target.id));
    input.kind_ = Kind::path;
    input.paths_.push_back(std::move(*path));
  } else if (target.input_transformer) {
    input.kind_ = Kind::transformed;
    input.compile_template(target);
  }
  return input;
}

std::string TargetInput::value_of(const Piece& piece, std::string_view event,
                                  const InputContext& context) const {
  std::string value;
  switch (piece.variable) {
    case Variable::none:
      return {};
    case Variable::event_json:
      return std::string(event);
    case Variable::event:
      return without_member(event, "detail");
    case Variable::rule_arn:
      value = quoted(context.rule_arn);
      break;
    case Variable::rule_name:
      value = quoted(context.rule_name);
      break;
    case Variable::ingestion_time:
      value = quoted(context.ingestion_time);
      break;
    case Variable::path:
      value = paths_[piece.path].find(event).value_or("\"\"");
      break;
  }
  return piece.in_quotes ? within_quotes(value) : value;
}

std::string TargetInput::apply(std::string_view event, const InputContext& context) const {
  switch (kind_) {
    case Kind::whole:
      return std::string(event);
    case Kind::constant:
      return constant_;
    case Kind::path:
      return paths_.front().find(event).value_or("\"\"");
    case Kind::transformed:
      break;
  }
  std::string out;
  for (const Piece& piece : pieces_) {
    out += piece.text;
    if (piece.variable != Variable::none) out += value_of(piece, event, context);
    if (out.size() > most_bytes) break;
  }
  return out;
}

}  // namespace matinee::events
