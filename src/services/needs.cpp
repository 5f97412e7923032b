#include "services/needs.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/http.h"
#include "services/request_members.h"

namespace matinee::services {

namespace {

constexpr std::string_view arn_prefix = "arn:";
constexpr std::size_t usual_length = 96;

/// What precedes the first separator; `text` keeps what follows it.
std::string_view take_until(std::string_view& text, char separator) {
  const std::string_view head = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(text.size(), head.size() + 1));
  return head;
}

/// The part of an ARN after its n-th colon.
std::string_view after_colons(std::string_view arn, int count) {
  for (; count > 0 && !arn.empty(); --count) take_until(arn, ':');
  return arn;
}

/// One pattern of one call, put together from its left to its right.
class Expansion {
 public:
  /// `element` stands for the placeholder with a star, where there is one.
  Expansion(const Context& context, const protocol::Operation& operation, const void* request,
            const std::string* element)
      : context_(context), operation_(operation), request_(request), element_(element) {
    out_.reserve(usual_length);
  }

  /// False where the request lacks a member that the pattern needs.
  bool append(std::string_view pattern) {
    while (!pattern.empty()) {
      const std::size_t end = pattern.find_first_of("{[");
      out_.append(pattern.substr(0, end));
      if (end == std::string_view::npos) return true;
      const bool is_optional = pattern[end] == '[';
      pattern.remove_prefix(end + 1);
      const std::string_view inner = take_until(pattern, is_optional ? ']' : '}');
      if (is_optional) {
        Expansion part(context_, operation_, request_, element_);
        if (part.append(inner)) out_ += part.out_;
      } else if (!append_member(inner)) {
        return false;
      }
    }
    return true;
  }
  std::string take() { return std::move(out_); }

 private:
  const Context& context_;
  const protocol::Operation& operation_;
  const void* request_;
  const std::string* element_;
  std::string out_;

  std::optional<std::string_view> find(std::string_view paths) const {
    while (!paths.empty()) {
      const std::string_view path = take_until(paths, ',');
      if (path == "Region") return context_.region;
      if (path == "Account") return context_.account;
      if (path.find('*') != std::string_view::npos) {
        if (element_) return *element_;
      } else if (const std::string* text = find_text(operation_, request_, path)) {
        return *text;
      }
    }
    return std::nullopt;
  }

  bool append_member(std::string_view inner) {
    const bool may_be_arn = inner.starts_with('=');
    if (may_be_arn) inner.remove_prefix(1);
    const std::string_view paths = take_until(inner, '|');
    const std::optional<std::string_view> text = find(paths);
    if (!inner.empty()) return append_form(inner, text);
    if (!text) return false;
    if (may_be_arn && text->starts_with(arn_prefix)) out_.clear();
    out_ += *text;
    return true;
  }

  bool append_form(std::string_view form, std::optional<std::string_view> text);
  void append_queue(std::string_view url);
  void append_any_queue(std::string_view queue);
  void append_key(std::string_view key);
  void append_parameter(std::string_view name);
  void append_log_group(std::string_view name);
  void append_copy_source(std::string_view source);
  void append_function(std::string_view name);
};

/// Of a queue's URL its last two parts count: account and name.
void Expansion::append_queue(std::string_view url) {
  const std::size_t slash = url.rfind('/');
  const std::string_view name = url.substr(slash + 1);
  std::string_view account;
  if (slash != std::string_view::npos) {
    const std::string_view before = url.substr(0, slash);
    account = before.substr(before.rfind('/') + 1);
  }
  const bool is_account =
      account.size() == 12 && account.find_first_not_of("0123456789") == std::string_view::npos;
  if (!is_account) account = context_.account;
  out_.append("arn:aws:sqs:").append(context_.region).append(":").append(account).append(":");
  out_ += name;
}

/// For people a queue is its name, its URL or its ARN.
void Expansion::append_any_queue(std::string_view queue) {
  if (!queue.starts_with(arn_prefix)) return append_queue(queue);
  out_ += queue;
}

/// A key by its id, its ARN, or an alias: "key/alias/NAME" is for KMS to look up.
void Expansion::append_key(std::string_view key) {
  if (key.starts_with(arn_prefix)) {
    out_.clear();
    const std::string_view resource = after_colons(key, 5);
    out_.append(key.substr(0, key.size() - resource.size()));
    key = resource;
  }
  if (!key.starts_with("key/")) out_ += "key/";
  out_ += key;
}

/// Names begin with a slash or not, and may end with a version or label. What AWS publishes belongs
/// to no account.
void Expansion::append_parameter(std::string_view name) {
  if (name.starts_with(arn_prefix)) {
    const std::string_view resource = after_colons(name, 5);
    out_.assign(name.substr(0, name.size() - resource.size()));
    out_ += resource.substr(0, resource.find(':'));
    return;
  }
  name = name.substr(0, name.find(':'));
  if (name.starts_with('/')) name.remove_prefix(1);
  const bool is_public = name.starts_with("aws/");
  out_ = fmt::format("arn:aws:ssm:{}:{}:parameter/{}", context_.region,
                     is_public ? "" : context_.account, name);
}

/// The ARN of a group may end with ":*", or go on with a stream.
void Expansion::append_log_group(std::string_view name) {
  if (name.starts_with(arn_prefix)) {
    const std::string_view group = after_colons(name, 6);
    out_.assign(name.substr(0, name.size() - group.size()));
    name = group;
  }
  out_ += name.substr(0, name.find(':'));
}

void Expansion::append_copy_source(std::string_view source) {
  source = source.substr(0, source.find("?versionId="));
  const std::string decoded = protocol::percent_decode(source).value_or(std::string(source));
  out_ += std::string_view(decoded).substr(decoded.starts_with('/') ? 1 : 0);
}

/// "NAME", "NAME:QUALIFIER", "ACCOUNT:function:NAME", or an ARN.
void Expansion::append_function(std::string_view name) {
  constexpr std::string_view kind = ":function:";
  if (name.starts_with(arn_prefix)) {
    out_.assign(name);
    return;
  }
  if (const std::size_t place = name.find(kind); place != std::string_view::npos) {
    out_ = fmt::format("arn:aws:lambda:{}:{}:function:", context_.region, name.substr(0, place));
    name.remove_prefix(place + kind.size());
  }
  out_ += name;
}

bool Expansion::append_form(std::string_view form, std::optional<std::string_view> text) {
  const auto append = [this](std::string_view piece) {
    out_ += piece;
    return true;
  };
  if (form == "path") return append(text ? *text : "/");
  if (form == "any") return append(text ? *text : "*");
  if (form == "self") {
    // Without a name it is the caller's own.
    if (!text && context_.principal != PrincipalKind::user) {
      out_ = context_.caller_arn;
      return true;
    }
    return append(text ? *text : context_.user_name());
  }
  if (form == "caller") {
    out_ = context_.caller_arn;
    return true;
  }
  if (!text) return false;
  if (form == "queue") append_queue(*text);
  if (form == "any-queue") append_any_queue(*text);
  if (form == "key") append_key(*text);
  if (form == "parameter") append_parameter(*text);
  if (form == "group") append_log_group(*text);
  if (form == "source") append_copy_source(*text);
  if (form == "function") append_function(*text);
  if (form == "slash") out_.append(text->starts_with('/') ? "" : "/").append(*text);
  if (form == "host") out_ += text->substr(text->starts_with("https://") ? 8 : 0);
  if (form == "task") {  // task/aws-service-role/SERVICE/ROLE/UUID
    const std::string_view role = text->substr(text->starts_with("task/") ? 5 : 0);
    out_ += role.substr(0, role.rfind('/'));
  }
  return true;
}

/// The path with a star that a pattern has; empty without.
std::string_view find_star(std::string_view pattern) {
  while (!pattern.empty()) {
    take_until(pattern, '{');
    std::string_view inner = take_until(pattern, '}');
    if (inner.starts_with('=')) inner.remove_prefix(1);
    const std::string_view path = inner.substr(0, inner.find('|'));
    if (path.find(".*") != std::string_view::npos) return path;
  }
  return {};
}

/// Whether a permission is needed at all: only with a member, or only without.
bool applies(std::string_view condition, const protocol::Operation& operation,
             const void* request) {
  const bool has = has_member(operation, request, condition.substr(1));
  return has == (condition.front() == '?');
}

class Lines {
 public:
  Lines(const Context& context, const protocol::Operation& operation, const void* request,
        std::vector<Need>& needs)
      : context_(context), operation_(operation), request_(request), needs_(needs) {}

  void add(std::string_view line) {
    std::string_view action = take_until(line, '\t');
    if (action.front() == '?' || action.front() == '!') {
      if (!applies(take_until(action, ' '), operation_, request_)) return;
    }
    if (line.empty()) add_need(action, {});
    while (!line.empty()) add_resources(action, take_until(line, '\t'));
  }

 private:
  const Context& context_;
  const protocol::Operation& operation_;
  const void* request_;
  std::vector<Need>& needs_;

  void add_need(std::string_view action, std::string resource) {
    const bool is_there = std::ranges::any_of(needs_, [&](const Need& need) {
      return need.action == action && need.resource == resource;
    });
    if (!is_there) needs_.push_back({.action = action, .resource = std::move(resource)});
  }

  void add_resources(std::string_view action, std::string_view pattern) {
    const std::string_view star = find_star(pattern);
    if (star.empty()) {
      Expansion expansion(context_, operation_, request_, nullptr);
      return add_need(action, expansion.append(pattern) ? expansion.take() : "*");
    }
    std::vector<std::string> elements = texts_of_member(operation_, request_, star);
    std::ranges::sort(elements);
    elements.erase(std::ranges::unique(elements).begin(), elements.end());
    for (const std::string& element : elements) {
      Expansion expansion(context_, operation_, request_, &element);
      if (expansion.append(pattern))
        needs_.push_back({.action = action, .resource = expansion.take()});
    }
  }
};

}  // namespace

void add_needs_of_table(const Context& context, const protocol::Operation& operation,
                        const void* request, std::vector<Need>& needs) {
  Lines lines(context, operation, request, needs);
  std::string_view rest = operation.needs;
  if (rest.starts_with('~')) rest.remove_prefix(1);
  while (!rest.empty()) lines.add(take_until(rest, '\n'));
}

}  // namespace matinee::services
