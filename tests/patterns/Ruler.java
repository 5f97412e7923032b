// AWS's own matcher, asked as pattern_answers is asked: reads lines {"pattern": TEXT, "events":
// [TEXT, ...]} and answers each with what is wrong with the pattern, or whether each event matches.
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import software.amazon.event.ruler.JsonRuleCompiler;
import software.amazon.event.ruler.Machine;

public class Ruler {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    try (BufferedReader lines = Files.newBufferedReader(Path.of(arguments[0]))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        out.println(MAPPER.writeValueAsString(answer(MAPPER.readTree(line))));
      }
    }
    out.flush();
  }

  private static Object answer(JsonNode question) {
    String pattern = question.get("pattern").asText();
    String complaint = JsonRuleCompiler.check(pattern);
    if (complaint != null) {
      return complaint;
    }
    List<Object> results = new ArrayList<>();
    Machine machine = new Machine();
    for (JsonNode event : question.get("events")) {
      try {
        if (results.isEmpty()) {
          machine.addRule("rule", pattern);
        }
        results.add(!machine.rulesForJSONEvent(event.asText()).isEmpty());
      } catch (Exception | Error e) {
        results.add(e.toString());
      }
    }
    return results;
  }
}
