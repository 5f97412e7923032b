#include <simdjson.h>

#include <utility>

#include "templates/text_readers.h"

namespace matinee::templates {

namespace {

namespace ondemand = simdjson::ondemand;

/// Reads values in the order of the text, so that places are found by going on from the last one.
class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text), padded_(text), seen_(padded_.data()) {}

  Value read() {
    ondemand::document document;
    check(parser_.iterate(padded_).get(document));
    document_ = &document;
    ondemand::value root;
    check(document.get_value().get(root));
    Value value = read_value(root, 1);
    if (!document.current_location().error()) refuse();  // something follows
    return value;
  }

 private:
  const std::string_view text_;
  const simdjson::padded_string padded_;
  ondemand::parser parser_;
  ondemand::document* document_ = nullptr;
  Place place_ = {.line = 1, .column = 1};  // of `seen_`
  const char* seen_;

  [[noreturn]] void refuse() {
    const char* where = nullptr;
    std::size_t offset = text_.size();
    if (document_ && !document_->current_location().get(where) && where >= padded_.data())
      offset = std::min(static_cast<std::size_t>(where - padded_.data()), text_.size());
    refuse_text("JSON", place_in(text_, offset));
  }

  void check(simdjson::error_code error) {
    if (error) refuse();
  }

  Place place_of(const char* token) {
    for (; seen_ < token; ++seen_) {
      if (*seen_ == '\n')
        place_ = {.line = place_.line + 1, .column = 1};
      else if (is_first_byte(*seen_))
        ++place_.column;
    }
    return place_;
  }

  Value read_list(ondemand::value& json, std::size_t depth) {
    ondemand::array array;
    check(json.get_array().get(array));
    Value::List elements;
    for (auto item : array) {
      ondemand::value element;
      check(std::move(item).get(element));
      elements.push_back(read_value(element, depth + 1));
    }
    return Value::list(std::move(elements));
  }

  Value read_map(ondemand::value& json, std::size_t depth) {
    ondemand::object object;
    check(json.get_object().get(object));
    MapBuilder members;
    for (auto item : object) {
      ondemand::field field;
      check(std::move(item).get(field));
      const Place place = place_of(field.key().raw() - 1);
      std::string_view name;
      check(field.unescaped_key().get(name));
      std::string own_name(name);
      members.set({std::move(own_name), read_value(field.value(), depth + 1), place});
    }
    return members.finish({});
  }

  Value read_scalar(ondemand::value& json, ondemand::json_type type) {
    switch (type) {
      case ondemand::json_type::string: {
        std::string_view text;
        check(json.get_string().get(text));
        return {text};
      }
      case ondemand::json_type::number: {
        std::string_view token = json.raw_json_token();
        token = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
        if (!is_json_number(token)) refuse();
        return Value::number(std::string(token));
      }
      case ondemand::json_type::boolean: {
        bool truth = false;
        check(json.get_bool().get(truth));
        return {truth};
      }
      default: {
        bool is_null = false;
        check(json.is_null().get(is_null));
        if (!is_null) refuse();
        return {};
      }
    }
  }

  Value read_value(ondemand::value& json, std::size_t depth) {
    if (depth > max_depth) refuse();
    const Place place = place_of(json.raw_json_token().data());
    ondemand::json_type type;
    check(json.type().get(type));
    Value value = type == ondemand::json_type::array    ? read_list(json, depth)
                  : type == ondemand::json_type::object ? read_map(json, depth)
                                                        : read_scalar(json, type);
    value.set_place(place);
    return value;
  }
};

}  // namespace

Value read_json(std::string_view text) {
  return JsonReader(text).read();
}

}  // namespace matinee::templates
