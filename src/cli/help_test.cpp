#include "cli/help.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/option_values.h"

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
    take_region(*up->add_option("--region", region_, "Region"));
    take_address(*up->add_option("--listen", address_, "Address"));
    take_number(*up->add_option("--limit", limit_, "Limit"), 1);
    take_share(*up->add_option("--share", share_, "Share"));
    up->add_option("--data", data_, "Directory");
    up->add_flag("--quick", quick_, "Hurry");
    program_.add_subcommand("down", "Stop");
    CLI::App* copy = program_.add_subcommand("copy", "Copy");
    copy->add_option("FROM", from_, "Where from")->required();
    copy->add_option("--to", to_, "Where to")->required();
    refuse_empty_values(program_);
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
  std::string region_;
  std::string address_;
  std::string data_;
  std::uint64_t limit_ = 0;
  double share_ = 0;
  bool quick_ = false;
  std::string from_;
  std::string to_;
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
  EXPECT_EQ(fault({}), "\"matinee\" needs a word more: up, down or copy; see \"matinee --help\".");
  EXPECT_EQ(fault({"up", "--port"}), "--port needs a value; see \"matinee up --help\".");
  EXPECT_EQ(fault({"up", "--port", "1", "--port", "2"}),
            "--port is given twice; see \"matinee up --help\".");
}

TEST_F(Help, what_is_missing_is_what_was_not_given) {
  EXPECT_EQ(fault({"copy"}), "\"matinee copy\" needs FROM and --to; see \"matinee copy --help\".");
  EXPECT_EQ(fault({"copy", "here"}), "\"matinee copy\" needs --to; see \"matinee copy --help\".");
  EXPECT_EQ(fault({"copy", "--to", "there"}),
            "\"matinee copy\" needs FROM; see \"matinee copy --help\".");
}

TEST_F(Help, what_may_have_been_meant_is_asked) {
  EXPECT_EQ(fault({"dwon"}),
            "There is no command \"dwon\"; did you mean \"down\"? See \"matinee --help\".");
  EXPECT_EQ(fault({"up", "--prot", "1"}),
            "There is no option \"--prot\"; did you mean \"--port\"? See \"matinee up --help\".");
  EXPECT_EQ(fault({"up", "--level", "hihg"}),
            "--level must be low or high, and \"hihg\" is not; did you mean \"high\"? See "
            "\"matinee up --help\".");
  EXPECT_EQ(fault({"up", "--region", "eu-wst-1"}),
            "--region must be a region of AWS, such as eu-central-1, and \"eu-wst-1\" is not; did "
            "you mean \"eu-west-1\"? See \"matinee up --help\".");
}

TEST_F(Help, regions_are_those_of_aws_and_addresses_those_one_can_listen_on) {
  for (const char* region : {"mars-1", "eu west", "nowhere-1", "EU-WEST-1"})
    EXPECT_THAT(fault({"up", "--region", region}), HasSubstr("--region must be a region of AWS"));
  for (const char* region : {"us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"})
    EXPECT_EQ(fault({"up", "--region", region}), "");
  for (const char* address : {"1.2.3", "example.com", "::g"})
    EXPECT_THAT(fault({"up", "--listen", address}),
                HasSubstr("--listen must be an IP address or localhost"));
  for (const char* address : {"127.0.0.1", "0.0.0.0", "::", "localhost"})
    EXPECT_EQ(fault({"up", "--listen", address}), "");
}

TEST_F(Help, an_empty_value_is_not_the_default) {
  EXPECT_EQ(fault({"up", "--data", ""}),
            "--data needs a value, and the one given is empty; see \"matinee up --help\".");
  for (const char* option : {"--data", "--region", "--listen", "--level", "--port", "--limit"}) {
    EXPECT_THAT(fault({"up", option, ""}), HasSubstr(option));
    EXPECT_THAT(fault({"up", std::string(option) + "="}), HasSubstr(option));
  }
}

TEST_F(Help, numbers_are_decimal_and_have_an_end_only_where_there_is_one) {
  EXPECT_EQ(fault({"up", "--port", "080"}), "");
  EXPECT_EQ(port_, 80);
  EXPECT_EQ(fault({"up", "--limit", "0"}),
            "--limit must be a whole number of at least 1, and \"0\" is not; see \"matinee up "
            "--help\".");
  EXPECT_EQ(fault({"up", "--limit", "18446744073709551615"}), "");
}

TEST_F(Help, a_share_is_a_decimal_number) {
  for (const char* share : {"abc", "0", "1.01", "-0.5", "0.5x", "nan"})
    EXPECT_EQ(fault({"up", "--share", share}),
              "--share must be a number above 0 and at most 1, and \"" + std::string(share) +
                  "\" is not; see \"matinee up --help\".");
  EXPECT_EQ(fault({"up", "--share", "0.25"}), "");
  EXPECT_EQ(share_, 0.25);
}

TEST_F(Help, what_is_quoted_is_cut_where_it_is_long) {
  const std::string sentence = fault({"up", "--level", std::string(3000, 'x')});
  EXPECT_THAT(sentence, HasSubstr("and \"" + std::string(60, 'x') + "...\" is not"));
  EXPECT_LT(fault({std::string(3000, 'y')}).size(), 200U);
}

TEST_F(Help, a_flag_takes_no_value) {
  EXPECT_EQ(fault({"up", "--quick=maybe"}),
            "--quick is given once, and takes no value; see \"matinee up --help\".");
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
