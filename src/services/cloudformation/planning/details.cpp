#include "services/cloudformation/planning/details.h"

#include <algorithm>

namespace matinee::cloudformation {

namespace {

using templates::Cause;

std::string text_of(const Value& value) {
  return value.is_scalar() ? value.text() : templates::to_json(value);
}

std::string_view name_of(resources::Recreation recreation) {
  switch (recreation) {
    case resources::Recreation::always:
      return "Always";
    case resources::Recreation::conditionally:
      return "Conditionally";
    default:
      return "Never";
  }
}

/// Finds the details of one property.
class PropertyDetails {
 public:
  PropertyDetails(const Comparison& resource, const PlanState& state, const std::string& name)
      : resource_(resource), state_(state), name_(name) {}

  std::vector<DetailRecord> find() {
    const Value* before = resource_.before.find(name_);
    const Value* after = resource_.after.find(name_);
    const bool differs = !before || !after || !same_value(*before, *after);
    if (const auto causes = resource_.causes.find(name_); causes != resource_.causes.end())
      for (const Cause& cause : causes->second) add(cause, differs);
    if (!differs) return std::move(details_);
    if (has_parameter_) {
      add_direct(true);
    } else if (has_reference_) {
      add_direct(true);
      details_.back().only_with_values = true;
    } else if (!is_from_modified_) {
      add_direct(false);
    }
    return std::move(details_);
  }

 private:
  const Comparison& resource_;
  const PlanState& state_;
  const std::string& name_;
  std::vector<DetailRecord> details_;
  bool has_parameter_ = false;
  bool has_reference_ = false;  // to what is replaced
  bool is_from_modified_ = false;

  DetailRecord base() const {
    const Value* before = resource_.before.find(name_);
    const Value* after = resource_.after.find(name_);
    const bool are_tags = resource_.type && name_ == resource_.type->schema().tag_property();
    DetailRecord detail{
        .attribute = are_tags ? "Tags" : "Properties",
        .name = are_tags ? "" : name_,
        .recreation =
            std::string(name_of(resource_.type ? resource_.type->recreation(name_, before, after)
                                               : resources::Recreation::never)),
        .source = "DirectModification",
        .path = "/Properties/" + name_};
    if (const Value* shown = resource_.shown_before.find(name_)) detail.before = text_of(*shown);
    if (const Value* shown = resource_.shown_after.find(name_)) detail.after = text_of(*shown);
    return detail;
  }

  void add_direct(bool is_dynamic) {
    DetailRecord detail = base();
    detail.is_dynamic = is_dynamic;
    details_.push_back(std::move(detail));
  }

  void add_caused(std::string_view source, const Cause& cause, bool is_dynamic) {
    DetailRecord detail = base();
    detail.is_dynamic = is_dynamic;
    detail.source = source;
    detail.causing_entity = cause.name;
    details_.push_back(std::move(detail));
  }

  void add(const Cause& cause, bool differs) {
    if (cause.kind == Cause::Kind::parameter) {
      if (!differs || !state_.changed_parameters.contains(cause.name)) return;
      add_caused("ParameterReference", cause, false);
      has_parameter_ = true;
      return;
    }
    if (cause.kind == Cause::Kind::import) return;
    const bool is_attribute = cause.kind == Cause::Kind::attribute;
    const std::string_view source = is_attribute ? "ResourceAttribute" : "ResourceReference";
    switch (state_.fate_of(std::string_view(cause.name).substr(0, cause.name.find('.')))) {
      case Fate::replaced:
        add_caused(source, cause, false);
        has_reference_ = true;
        return;
      case Fate::perhaps_replaced:
        add_caused(source, cause, true);
        is_from_modified_ = true;
        return;
      case Fate::modified:
        // What Ref gives stays; of an attribute nobody knows before it is asked for.
        if (!is_attribute) return;
        add_caused(source, cause, true);
        details_.back().only_without_values = !differs;
        is_from_modified_ = true;
        return;
      default:
        return;
    }
  }
};

}  // namespace

std::vector<DetailRecord> property_details(const Comparison& resource, const PlanState& state) {
  std::set<std::string> names;
  for (const Value* side : {&resource.before, &resource.after})
    for (const templates::Member& member : side->members()) names.insert(member.name);
  std::vector<DetailRecord> details;
  for (const std::string& name : names) {
    std::vector<DetailRecord> some = PropertyDetails(resource, state, name).find();
    std::ranges::move(some, std::back_inserter(details));
  }
  return details;
}

std::string replacement_of(const std::vector<DetailRecord>& details) {
  bool may = false;
  for (const DetailRecord& detail : details) {
    if (detail.only_with_values) continue;
    if (detail.recreation == "Always" && !detail.is_dynamic) return "True";
    may = may || detail.recreation != "Never";
  }
  return may ? "Conditional" : "False";
}

}  // namespace matinee::cloudformation
