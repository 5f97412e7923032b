#include "cli/option_values.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>

#include "cli/suggest.h"
#include "client/regions.h"
#include "gateway/listener.h"
#include "jobs/report.h"

namespace matinee::cli {

using jobs::shortened;

namespace {

constexpr std::uint64_t no_end = std::numeric_limits<std::uint64_t>::max();

std::string range_text(std::uint64_t least, std::uint64_t most) {
  if (most == no_end) return fmt::format("of at least {}", least);
  return fmt::format("between {} and {}", least, most);
}

}  // namespace

void take_one_of(CLI::Option& option, const std::vector<std::string>& words) {
  option.type_name(fmt::format("{}", fmt::join(words, "|")));
  option.check([words](const std::string& given) {
    if (std::ranges::find(words, given) != words.end()) return std::string();
    return fmt::format("must be {}, and \"{}\" is not{}", alternatives(words), shortened(given),
                       did_you_mean(given, words));
  });
}

void take_number(CLI::Option& option, std::uint64_t least, std::uint64_t most) {
  option.type_name("NUMBER");
  const auto check = [least, most](std::string& given) {
    std::uint64_t number = 0;
    const char* end = given.data() + given.size();
    const auto [stop, fault] = std::from_chars(given.data(), end, number);
    if (fault != std::errc() || stop != end || number < least || number > most)
      return fmt::format("must be a whole number {}, and \"{}\" is not", range_text(least, most),
                         shortened(given));
    // As the argument library reads numbers, one with a zero before it would be octal.
    given = std::to_string(number);
    return std::string();
  };
  option.transform(CLI::Validator(check, "", ""));
}

void take_number(CLI::Option& option, std::uint64_t least) {
  take_number(option, least, no_end);
}

void take_share(CLI::Option& option) {
  option.type_name("0..1");
  option.check([](const std::string& given) {
    double share = 0;
    const char* end = given.data() + given.size();
    const auto [stop, fault] = std::from_chars(given.data(), end, share);
    if (fault == std::errc() && stop == end && share > 0 && share <= 1) return std::string();
    return fmt::format("must be a number above 0 and at most 1, and \"{}\" is not",
                       shortened(given));
  });
}

void take_seed(CLI::Option& option) {
  take_number(option, 0, std::numeric_limits<std::int64_t>::max());
}

void take_region(CLI::Option& option) {
  option.type_name("REGION");
  option.check([](const std::string& given) {
    if (client::is_known_region(given)) return std::string();
    const auto known = client::known_regions();
    return fmt::format("must be a region of AWS, such as eu-central-1, and \"{}\" is not{}",
                       shortened(given),
                       did_you_mean(given, std::vector<std::string>(known.begin(), known.end())));
  });
}

void take_address(CLI::Option& option) {
  option.type_name("ADDRESS");
  option.check([](const std::string& given) {
    if (gateway::is_listen_address(given)) return std::string();
    return fmt::format("must be an IP address or localhost, and \"{}\" is not", shortened(given));
  });
}

void refuse_empty_values(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (option->get_type_size() == 0) continue;
    option->check([](const std::string& given) {
      return given.empty() ? std::string("needs a value, and the one given is empty") : "";
    });
  }
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    refuse_empty_values(*command);
}

std::vector<std::string> words_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  std::vector<std::string> words;
  if (!type.contains('|')) return words;
  for (const std::string& word : CLI::detail::split(type, '|'))
    if (std::ranges::none_of(word, [](char c) { return c >= 'A' && c <= 'Z'; }))
      words.push_back(word);
  return words;
}

std::string alternatives(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i != 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

}  // namespace matinee::cli
