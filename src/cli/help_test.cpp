#include "cli/help.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace matinee::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class Help : public testing::Test {
 protected:
  Help() : program_("A cloud", "matinee") {
    program_.formatter(help_formatter());
    program_.require_subcommand(1);
    CLI::App* up = program_.add_subcommand("up", "Serve");
    take_number(*up->add_option("--port", port_, "Port")->capture_default_str(), 0, 65535);
    take_one_of(
        *up->add_option("--level", level_, std::string(20, 'a') + ' ' + std::string(40, 'b')),
        {"low", "high"});
    program_.add_subcommand("down", "Stop");
  }

  /// What a command line is answered with; empty if it is understood.
  std::string fault(std::vector<std::string> words) {
    std::ranges::reverse(words);
    try {
      program_.parse(std::move(words));
    } catch (const CLI::ParseError& error) {
      return explain_fault(program_, error);
    }
    return "";
  }

  CLI::App program_;
  int port_ = 4566;
  std::string level_;
};

TEST_F(Help, a_page_has_its_descriptions_in_one_column_and_fits_80) {
  const std::string page = program_.get_subcommand("up")->help("matinee");
  EXPECT_THAT(page, HasSubstr("Usage: matinee up [OPTIONS]\n\nServe.\n"));
  EXPECT_THAT(page, HasSubstr("\n  --port NUMBER             Port (default: 4566)\n"));
  EXPECT_THAT(page, HasSubstr("\n  --level low|high          " + std::string(20, 'a') + "\n" +
                              std::string(28, ' ') + std::string(40, 'b') + "\n"));
}

TEST_F(Help, a_right_command_line_has_no_fault) {
  EXPECT_EQ(fault({"up", "--port", "0", "--level", "low"}), "");
}

TEST_F(Help, what_is_unknown_or_missing_is_named_with_the_help_to_read) {
  EXPECT_EQ(fault({"fly"}), "There is no command \"fly\"; see \"matinee --help\".");
  EXPECT_EQ(fault({"up", "--fly"}), "There is no option \"--fly\"; see \"matinee up --help\".");
  EXPECT_EQ(fault({"up", "fly"}),
            "\"fly\" has no place in \"matinee up\"; see \"matinee up --help\".");
  EXPECT_EQ(fault({}), "\"matinee\" needs a word more: up or down; see \"matinee --help\".");
  EXPECT_EQ(fault({"up", "--port"}), "--port needs a value; see \"matinee up --help\".");
  EXPECT_EQ(fault({"up", "--port", "1", "--port", "2"}),
            "--port is given twice; see \"matinee up --help\".");
}

TEST_F(Help, a_wrong_value_is_answered_with_the_right_ones) {
  for (const char* number : {"many", "-1", "65536", "1.5", ""})
    EXPECT_EQ(fault({"up", "--port", number}),
              "--port must be a whole number between 0 and 65535, and \"" + std::string(number) +
                  "\" is not; see \"matinee up --help\".");
  EXPECT_EQ(fault({"up", "--level", "top"}),
            "--level must be low or high, and \"top\" is not; see \"matinee up --help\".");
}

TEST_F(Help, only_the_literal_words_of_an_option_are_offered_for_completion) {
  CLI::Option* cloud = program_.add_option("--cloud", level_, "Where");
  cloud->type_name("embedded|aws|URL");
  EXPECT_THAT(words_of(*cloud), testing::ElementsAre("embedded", "aws"));
  cloud->type_name("DIR");
  EXPECT_THAT(words_of(*cloud), testing::IsEmpty());
}

}  // namespace
}  // namespace matinee::cli
